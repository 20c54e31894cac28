"""Azure's host names on loopback: an HTTPS proxy that answers for them with certificates of a test authority.

The clients under test keep their code, URLs, TLS and login. A test sets only HTTPS_PROXY and REQUESTS_CA_BUNDLE. A fake
service is a callable that takes a Request and returns a Response: one file each in this folder.
"""

import json
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import formatdate
from fnmatch import fnmatch
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from threading import Lock, Thread
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.certificates import CertificateAuthority

AUTHORITY_VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")  # OpenAI's SDK reads the last one only


@dataclass(frozen=True)
class Request:
    """A client's request. `body`: parsed if it is JSON, else bytes. Names of `headers` are in lower case."""

    method: str
    host: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any


@dataclass(frozen=True)
class Response:
    """A fake's response. `body`: sent as JSON unless it is bytes. `cut`: close the connection after so many bytes."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: int | None = None


Service = Callable[[Request], Response]


class Cloud:
    """All of Azure that a test has.

    `services`: the fakes by host name or pattern, such as *.search.windows.net. `requests`: every request, in order.
    `unknown_hosts`: hosts without a fake that a client tried to connect to. `clock`: the time of its answers.
    """

    def __init__(self, authority: CertificateAuthority) -> None:
        self.authority = authority
        self.services: dict[str, Service] = {}
        self.requests: list[Request] = []
        self.unknown_hosts: list[str] = []
        self.clock: Callable[[], float] = time.time
        self._contexts: dict[str, ssl.SSLContext] = {}
        self._lock = Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler(self))
        self._server.daemon_threads = True
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def environment(self) -> dict[str, str]:
        """The variables that send HTTPS clients to this proxy and make them trust the authority."""
        proxy = dict.fromkeys(("HTTPS_PROXY", "https_proxy"), self.url)
        direct = dict.fromkeys(("NO_PROXY", "no_proxy"), "127.0.0.1,localhost")
        return proxy | direct | dict.fromkeys(AUTHORITY_VARIABLES, str(self.authority.roots))

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def service(self, host: str) -> Service | None:
        """The fake of a host, None where there is none. Its own name counts before a pattern."""
        fitting = (each for pattern, each in self.services.items() if fnmatch(host, pattern))
        return self.services.get(host) or next(fitting, None)

    def context(self, host: str) -> ssl.SSLContext:
        """The TLS context of the server with that name."""
        with self._lock:
            if host not in self._contexts:
                files = self.authority.certificate(host)
                self._contexts[host] = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                self._contexts[host].load_cert_chain(files.certificate, files.key)
            return self._contexts[host]

    def respond(self, request: Request) -> Response:
        """Record a request and return what its fake answers."""
        with self._lock:
            self.requests.append(request)
        service = self.service(request.host)
        return (
            service(request) if service else Response(404, {"error": {"code": "NoSuchHost", "message": request.host}})
        )

    def bodies(self, method: str, path_end: str) -> list[Any]:
        """The bodies of the requests with that method and end of the path."""
        return [each.body for each in self.requests if each.method == method and each.path.endswith(path_end)]


def requests_with_method(cloud: Cloud, method: str) -> list[Request]:
    """The requests with that method, in order."""
    return [each for each in cloud.requests if each.method == method]


def repeat_response(number: int, response: Response) -> Callable[[Request], Response | None]:
    """A service that answers the first requests with one response, and the rest with none."""
    numbers = count()
    return lambda request: response if next(numbers) < number else None


def handler(cloud: Cloud) -> type[BaseHTTPRequestHandler]:
    """The request handler of the proxy, bound to one Cloud."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        host = ""

        def do_CONNECT(self) -> None:
            """Continue in TLS as the host that the client wants. A host without a fake gets status 502."""
            self.host = self.path.rpartition(":")[0]
            if cloud.service(self.host) is None:
                cloud.unknown_hosts.append(self.host)
                self.send_error(502, "no fake for this host in the test")
                return
            self.send_response(200, "Connection established")
            self.end_headers()
            try:
                self.connection = cloud.context(self.host).wrap_socket(self.connection, server_side=True)
            except (
                OSError
            ):  # the client does not trust the authority or has closed the connection: it reports that itself
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
            self.give(cloud.respond(Request(self.command, self.host, parts.path, query, headers, body)))

        def give(self, answer: Response) -> None:
            data = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
            data = b"" if answer.body is None else data
            self.send_response(answer.status)
            for name, value in {"Content-Type": "application/json", **answer.headers}.items():
                self.send_header(name, value)
            if "Content-Length" not in answer.headers:  # an answer to HEAD has its own
                self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data[: answer.cut])
            if answer.cut is not None:
                self.close_connection = True

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = handle_any

        def handle_one_request(self) -> None:
            try:
                super().handle_one_request()
            except OSError:  # in many tests the client closes the connection in the middle
                self.close_connection = True

        def finish(self) -> None:
            """Close the TLS connection too: the server closes only the TCP connection."""
            try:
                super().finish()
            finally:
                self.connection.close()

        def date_time_string(self, timestamp: float | None = None) -> str:
            """The answer's Date, by the clock of this cloud."""
            return formatdate(cloud.clock(), usegmt=True)

        def log_message(self, format: str, *args: Any) -> None:
            """Keep the tests' stderr clean."""

    return Handler
