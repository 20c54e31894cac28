"""The chat page: the assistant of `jobs chat`, with its citations and the pictures that it found."""

from collections.abc import Iterator

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response, StreamingResponse

from jobs.app.asked import read_form, wrong
from jobs.app.desk import State
from jobs.app.page import desk_of, render, show_not_ready
from jobs.app.search import lake_counts
from jobs.app.talks import Talk, Talks
from jobs.app.templating import shape_numbers
from jobs.errors import JobError

LONGEST = 8000  # characters of a question
LATEST = "/chat#latest"


def talk_of(request: Request) -> Talk | None:
    """The conversation of this browser; None before the application is ready. Raises JobError."""
    desk, access = desk_of(request), request.app.state.access
    if desk.state in (State.starting, State.empty) or desk.target is None:
        return None
    talks: Talks = request.app.state.talks
    return talks.find(request.cookies.get(access.cookie, ""), desk.target)


def show_chat(request: Request) -> Response:
    """The conversation so far."""
    talk = talk_of(request)
    if talk is None:
        return show_not_ready(request)
    shapes = shape_numbers(lake_counts(desk_of(request)))
    return render(request, "chat.html", talk=talk, engine=talk.conversation.engine, shapes=shapes, longest=LONGEST)


async def post_chat(request: Request) -> Response:
    """Ask a question: its answer as text while it comes where `stream` is given, else the page with all of it."""
    form = await read_form(request)
    question = form.texts.get("question", "").strip()
    if not 0 < len(question) <= LONGEST:
        raise wrong("question", f"a text of 1 to {LONGEST} characters")
    talk = await run_in_threadpool(talk_of, request)
    if talk is None:
        return RedirectResponse("/chat", 303)
    try:
        parts = talk.ask(question)
    except JobError as error:
        if "stream" not in form.texts:
            raise
        return PlainTextResponse(str(error), 409)
    if "stream" in form.texts:
        return StreamingResponse(parts, media_type="text/plain")
    await run_in_threadpool(exhaust, parts)
    return RedirectResponse(LATEST, 303)


def exhaust(parts: Iterator[str]) -> None:
    """Wait until all parts have come."""
    for _ in parts:
        pass


async def post_forget(request: Request) -> Response:
    """Begin a new conversation."""
    await read_form(request)
    access = request.app.state.access
    request.app.state.talks.forget(request.cookies.get(access.cookie, ""))
    return RedirectResponse("/chat", 303)
