"""What every request passes before a page sees it: host, token, origin, size and time of its body; and its headers.

A check of the host is needed although only this machine can connect: a foreign page can let its own name point to
127.0.0.1 (DNS rebinding). https://www.w3.org/TR/CSP3/ and https://owasp.org/www-project-secure-headers/
"""

import asyncio
from contextlib import suppress
from urllib.parse import parse_qsl, urlencode

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from jobs.app.access import Access

MAX_BODY = 8 * 1024 * 1024 + 64 * 1024  # bytes: a picture of 8 MiB, and the form around it
BODY_SECONDS = 20.0
DRAIN_SECONDS = 2.0
OPEN_PATHS = ("/static/", "/favicon.ico")  # code and drawings of this project, no data
CACHED_PATHS = ("/static/", "/favicon.ico", "/pictures/")
METHODS = ("GET", "HEAD", "POST")
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    # Nothing goes to other hosts. With no-referrer, browsers would send `Origin: null` with our own forms.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
}
MISSING = "Open the address that `python -m jobs app` printed: it has the token that this browser lacks.\n"
WRONG_HOST = "This application does not answer to that name. Open the address that `python -m jobs app` printed.\n"
WRONG_ORIGIN = "That form is not one of this application's.\n"


class Guard:
    """The outermost layer of the application."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self.app, self.access = app, access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        answer = self.refuse(request) or self.welcome(request)
        body = Body(receive, request.headers.get("content-length"))
        send = with_headers(request, body, send)
        await (answer or self.app)(scope, body.receive, send)

    def refuse(self, request: Request) -> Response | None:
        """The answer to a request under a wrong name, and to a form of another page; None to all others."""
        if request.headers.get("host", "").lower() not in self.access.hosts:
            return PlainTextResponse(WRONG_HOST, 421)
        if request.method not in METHODS:
            return PlainTextResponse("Only GET, HEAD and POST.\n", 405)
        if request.method == "POST" and request.headers.get("origin") != f"http://{request.headers['host']}":
            return PlainTextResponse(WRONG_ORIGIN, 403)
        return None

    def welcome(self, request: Request) -> Response | None:
        """The answer to a browser that shows the token, and to one that never did; None if its cookie is right."""
        pairs = parse_qsl(request.url.query, keep_blank_values=True)
        tokens = [value for name, value in pairs if name == "token"]
        if tokens and request.method != "POST":
            if not self.access.is_token(tokens[0]):
                return PlainTextResponse(MISSING, 403)
            query = urlencode([(name, value) for name, value in pairs if name != "token"])
            answer = RedirectResponse(request.url.path + (f"?{query}" if query else ""), 303)
            answer.set_cookie(self.access.cookie, self.access.new_cookie(), httponly=True, samesite="lax")
            return answer
        if request.url.path.startswith(OPEN_PATHS):
            return None
        if not self.access.is_cookie(request.cookies.get(self.access.cookie, "")):
            return PlainTextResponse(MISSING, 403)
        return None


class Body:
    """The body of one request, counted and timed while it comes: the server itself has no limit."""

    def __init__(self, receive: Receive, length: str | None) -> None:
        self._receive, self._bytes = receive, 0
        self._too_long = bool(length and length.isdigit() and int(length) > MAX_BODY)
        self._ends_at: float | None = None
        self._whole = False

    async def receive(self) -> Message:
        """The next part. Raises HTTPException: 413 above MAX_BODY, 408 after BODY_SECONDS."""
        if self._whole:
            return await self._receive()  # the end of the connection, whenever it comes
        if self._too_long:
            raise HTTPException(413)
        now = asyncio.get_running_loop().time()
        self._ends_at = self._ends_at or now + BODY_SECONDS
        try:
            message = await asyncio.wait_for(self._receive(), max(self._ends_at - now, 0))
        except TimeoutError:
            raise HTTPException(408) from None
        self._bytes += len(message.get("body", b""))
        if self._bytes > MAX_BODY:
            raise HTTPException(413)
        self._whole = is_last(message)
        return message

    async def drain(self) -> None:
        """Take what still comes, as much again and for DRAIN_SECONDS: a client may read its answer only after that."""
        taken = 0
        with suppress(TimeoutError):
            async with asyncio.timeout(DRAIN_SECONDS):
                while not self._whole and taken < MAX_BODY:
                    message = await self._receive()
                    taken += len(message.get("body", b""))
                    self._whole = is_last(message)


def is_last(message: Message) -> bool:
    """Whether nothing comes after this part of a body."""
    return message["type"] != "http.request" or not message.get("more_body")


def with_headers(request: Request, body: Body, send: Send) -> Send:
    """`send` that adds the headers of every answer. A form that is refused may go on for ever: then nobody listens."""
    cache = "private, max-age=300" if request.url.path.startswith(CACHED_PATHS) else "no-store"

    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            extra = {**HEADERS, "Cache-Control": cache}
            if request.method == "POST" and message["status"] >= 400:
                extra["Connection"] = "close"
                await body.drain()
            names = {name.lower().encode() for name in extra}
            kept = [(name, value) for name, value in message["headers"] if name.lower() not in names]
            message["headers"] = kept + [(name.lower().encode(), value.encode()) for name, value in extra.items()]
        await send(message)

    return send_with_headers
