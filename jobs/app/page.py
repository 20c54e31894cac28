"""A page from its template: the words of the browser's language, and what every page shows."""

from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from jobs.app.desk import NOT_READY, Desk, State
from jobs.app.templating import TEMPLATES
from jobs.app.words import COOKIE, LANGUAGES, Words, choose_language
from jobs.errors import ErrorKind, JobError

NAVIGATION = (("search", "/search"), ("explore", "/explore"), ("flow", "/flow"), ("chat", "/chat"))
STATUS = {
    ErrorKind.usage: 400,
    ErrorKind.invalid: 422,
    ErrorKind.not_found: 404,
    ErrorKind.refused: 403,
    ErrorKind.unavailable: 503,
    ErrorKind.conflict: 409,
}


def desk_of(request: Request) -> Desk:
    desk: Desk = request.app.state.desk
    return desk


def words_of(request: Request) -> Words:
    """The words of the browser's language."""
    return Words(choose_language(request.cookies.get(COOKIE), request.headers.get("accept-language", "")))


def render(request: Request, template: str, status: int = 200, **values: Any) -> HTMLResponse:
    """A page. The template gets `t`, `desk` and what the frame needs."""
    access, desk = request.app.state.access, desk_of(request)
    frame = {
        "t": words_of(request),
        "languages": LANGUAGES,
        "desk": desk,
        "navigation": NAVIGATION,
        "path": request.url.path,
        "here": request.url.path + (f"?{request.url.query}" if request.method == "GET" and request.url.query else ""),
        "word": access.form_word(request.cookies.get(access.cookie, "")),
        "untrained": is_untrained(desk),
        "work": request.app.state.work,
    }
    return HTMLResponse(TEMPLATES.get_template(template).render(**frame, **values), status)


def is_untrained(desk: Desk) -> bool:
    """Whether the lake was filled by random weights, as far as is known now."""
    try:
        return desk.state is State.ready and desk.lake().index.manifest.provenance.weights.startswith("random")
    except JobError:
        return False


def show_not_ready(request: Request) -> Response:
    """The page that says how far the application is. Raises JobError where a file was asked for."""
    if request.query_params.get("as"):
        raise JobError(NOT_READY, ErrorKind.unavailable)
    return render(request, "empty.html")


def error_status(error: JobError) -> int:
    """The HTTP status of an error."""
    return STATUS.get(error.kind, 500)


def failure(request: Request, error: JobError, status: int | None = None) -> Response:
    """The answer to a request that failed: its sentence on a page, or in JSON where that was asked for."""
    number = status or error_status(error)
    headers = {"Retry-After": "5"} if number == 503 else None
    if request.query_params.get("as") == "json":
        return JSONResponse({"error": str(error), "kind": error.kind}, number, headers)
    page = render(request, "failure.html", number, sentence=str(error))
    page.headers.update(headers or {})
    return page
