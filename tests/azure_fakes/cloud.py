"""Azure's host names played on loopback: a proxy that answers for them over TLS, with certificates of a test authority.

Clients keep their own code, their addresses, their TLS and their login: that HTTPS_PROXY leads here, and that
REQUESTS_CA_BUNDLE trusts the authority, is all that a test changes. A service is one file beside this one: a function,
or an object to call, that takes a Request and gives an Answer.
"""

import json
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatch
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.azure_fakes.authority import Authority


@dataclass(frozen=True)
class Request:
    """What a client asked: `body` is read as JSON where it is JSON, else bytes; header names are in lower case."""

    method: str
    host: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any


@dataclass(frozen=True)
class Answer:
    """`body` becomes JSON unless it is bytes. `cut` closes the connection after that many bytes of it."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: int | None = None


Service = Callable[[Request], Answer]


class Cloud:
    """`services` by host name (a pattern: *.search.windows.net); `asked` is every request, in order."""

    def __init__(self, authority: Authority) -> None:
        self.authority = authority
        self.services: dict[str, Service] = {}
        self.asked: list[Request] = []
        self.strangers: list[str] = []
        self._contexts: dict[str, ssl.SSLContext] = {}
        self._lock = Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler(self))
        self._server.daemon_threads = True
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def service(self, host: str) -> Service | None:
        return next((each for pattern, each in self.services.items() if fnmatch(host, pattern)), None)

    def context(self, host: str) -> ssl.SSLContext:
        """TLS as the server of that name."""
        with self._lock:
            if host not in self._contexts:
                made = self.authority.certificate(host)
                self._contexts[host] = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                self._contexts[host].load_cert_chain(made.certificate, made.key)
            return self._contexts[host]

    def answer(self, request: Request) -> Answer:
        with self._lock:
            self.asked.append(request)
        found = self.service(request.host)
        return found(request) if found else Answer(404, {"error": {"code": "NoSuchHost", "message": request.host}})

    def bodies(self, method: str, path_end: str) -> list[Any]:
        """The bodies of the requests of a method whose path ends so."""
        return [each.body for each in self.asked if each.method == method and each.path.endswith(path_end)]


def handler(cloud: Cloud) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        host = ""

        def do_CONNECT(self) -> None:
            """Speak TLS from here on, as the server that the client wants; refuse hosts that nobody plays."""
            self.host = self.path.rpartition(":")[0]
            if cloud.service(self.host) is None:
                cloud.strangers.append(self.host)
                self.send_error(502, "no such host in this test")
                return
            self.send_response(200, "Connection established")
            self.end_headers()
            try:
                self.connection = cloud.context(self.host).wrap_socket(self.connection, server_side=True)
            except OSError:  # the client does not trust the authority, or went away: it tells its own side
                self.close_connection = True
                return
            self.rfile = self.connection.makefile("rb")
            self.wfile = self.connection.makefile("wb", buffering=0)  # type: ignore[assignment]
            self.close_connection = False

        def handle_any(self) -> None:
            data = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            parts = urlsplit(self.path)
            headers = {name.lower(): value for name, value in self.headers.items()}
            body = json.loads(data) if data and "json" in headers.get("content-type", "") else data or None
            query = dict(parse_qsl(parts.query, keep_blank_values=True))
            self.give(cloud.answer(Request(self.command, self.host, parts.path, query, headers, body)))

        def give(self, answer: Answer) -> None:
            data = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
            data = b"" if answer.body is None else data
            self.send_response(answer.status)
            for name, value in {"Content-Type": "application/json", **answer.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data[: answer.cut])
            if answer.cut is not None:
                self.close_connection = True

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = handle_any

        def handle_one_request(self) -> None:
            try:
                super().handle_one_request()
            except OSError:  # a client that goes away in the middle is part of many a test
                self.close_connection = True

        def finish(self) -> None:
            """Close the TLS connection too: the server only knows the one below."""
            try:
                super().finish()
            finally:
                self.connection.close()

        def log_message(self, format: str, *args: Any) -> None:
            """Not on the tests' stderr."""

    return Handler
