"""Every address of the application."""

from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartParser
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from jobs.app.access import Access
from jobs.app.asked import read_choice, read_form
from jobs.app.chat import post_chat, post_forget, show_chat
from jobs.app.desk import Desk
from jobs.app.explore import show_explore
from jobs.app.exploring import Explorer
from jobs.app.flow import show_flow
from jobs.app.guard import MAX_BODY, Guard
from jobs.app.page import failure
from jobs.app.pictures import show_given, show_picture
from jobs.app.points import show_point, show_points
from jobs.app.search import post_search, show_search
from jobs.app.talks import Talks
from jobs.app.words import COOKIE, LANGUAGES
from jobs.app.work import Work
from jobs.app.work_pages import post_again, post_stop, post_work, show_work
from jobs.errors import ErrorKind, JobError

STATIC = Path(__file__).parent / "static"
YEAR = 365 * 24 * 3600
SENTENCES = {
    404: "There is no such page.",
    405: "That address does not take this kind of request.",
    408: "The picture took too long to arrive: try again.",
    413: "The picture is larger than 8 MiB: choose a smaller one.",
}
MultiPartParser.spool_max_size = 2 * MAX_BODY  # above it, Starlette would write what is sent to a file


def show_first(request: Request) -> Response:
    return RedirectResponse("/search", 303)


def show_icon(request: Request) -> Response:
    return FileResponse(STATIC / "icon.svg", media_type="image/svg+xml")


async def post_language(request: Request) -> Response:
    """Remember a language in the browser, and lead back."""
    texts = (await read_form(request)).texts
    back = texts.get("back", "/")
    answer = RedirectResponse(back if back.startswith("/") and back[1:2] not in ("/", "\\") else "/", 303)
    answer.set_cookie(COOKIE, read_choice(texts, "language", LANGUAGES), YEAR, httponly=True, samesite="lax")
    return answer


def show_job_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, JobError)  # noqa: S101 - for the type checker
    return failure(request, error)


def show_http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - for the type checker
    sentence = SENTENCES.get(error.status_code, f"{error.detail}.")
    return failure(request, JobError(sentence, ErrorKind.usage), error.status_code)


def show_fault(request: Request, error: Exception) -> Response:
    """A fault of the application: in words, never a traceback."""
    sentence = f"That is a fault of the application ({type(error).__name__}): please report what you did."
    return failure(request, JobError(sentence, ErrorKind.failed), 500)


def build_application(desk: Desk, work: Work, access: Access) -> Guard:
    """The application behind its guard."""
    application = Starlette(
        routes=[
            Route("/", show_first),
            Route("/favicon.ico", show_icon),
            Route("/search", show_search),
            Route("/search", post_search, methods=["POST"]),
            Route("/pictures/{id}.png", show_picture),
            Route("/given/{name}.png", show_given),
            Route("/explore", show_explore),
            Route("/points", show_points),
            Route("/points/{id}", show_point),
            Route("/flow", show_flow),
            Route("/work", show_work),
            Route("/work", post_work, methods=["POST"]),
            Route("/work/stop", post_stop, methods=["POST"]),
            Route("/again", post_again, methods=["POST"]),
            Route("/chat", show_chat),
            Route("/chat", post_chat, methods=["POST"]),
            Route("/chat/new", post_forget, methods=["POST"]),
            Route("/language", post_language, methods=["POST"]),
            Mount("/static", StaticFiles(directory=STATIC)),
        ],
        exception_handlers={JobError: show_job_error, HTTPException: show_http_error, Exception: show_fault},
    )
    state = application.state
    state.desk, state.work, state.access, state.explorer = desk, work, access, Explorer(desk)
    state.talks = Talks(desk.setup.open_conversation)
    return Guard(application, access)
