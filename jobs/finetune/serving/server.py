"""The laptop's endpoint: python -m jobs.finetune.serving.server FOLDER --port PORT. Its answers are as Azure's.

POST /score with the key as Bearer; the header azureml-model-deployment asks one deployment, else the traffic decides.
GET / says that it lives, GET /ready?deployment=NAME waits until a model is loaded. What it serves is in state.json: it
is read again whenever it changes.
"""

import hmac
import json
import random
import sys
import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from jobs.finetune.serving.children import ChildError, Children
from jobs.finetune.serving.state import STATE, read_state
from jobs.local.finetune_endpoint import EndpointServer
from jobs.local.ports import HOST

DEPLOYMENT = "azureml-model-deployment"
MOST_BYTES = 2**20
READ_SECONDS = 30
SWEEP_SECONDS = 1.0


class Server(ThreadingHTTPServer):
    """Holds what all requests share. Many clients may connect at once."""

    request_queue_size = 256
    daemon_threads = True

    def __init__(self, folder: Path, port: int) -> None:
        super().__init__((HOST, port), Handler)
        self.folder, self.children = folder, Children(folder)
        threading.Thread(target=self.sweep, daemon=True).start()

    def state(self) -> dict[str, Any]:
        return read_state(self.folder)

    def key(self) -> str:
        return (self.folder / "key").read_text(encoding="utf-8")

    def sweep(self) -> None:
        """Stop the models of deployments that are gone, soon after they are."""
        while not threading.Event().wait(SWEEP_SECONDS):
            if (self.folder / STATE).exists():
                self.children.keep({name: each["path"] for name, each in self.state()["deployments"].items()})


class Handler(BaseHTTPRequestHandler):
    """One request."""

    server: Server
    server_version, sys_version = EndpointServer.banner, ""
    timeout = READ_SECONDS

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        if url.path == "/":
            self.answer(HTTPStatus.OK, {"status": "Healthy"})
        elif url.path == "/ready" and self.is_allowed():
            self.wait_for_model(parse_qs(url.query).get("deployment", [""])[0])
        elif url.path != "/ready":
            self.answer(HTTPStatus.NOT_FOUND, "There is only /score here.")

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if urlsplit(self.path).path != "/score":
            self.answer(HTTPStatus.NOT_FOUND, "There is only /score here.")
        elif not length.isdecimal() or int(length) > MOST_BYTES:
            self.close_connection = True
            self.answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"A request has a length of at most {MOST_BYTES} bytes.")
        else:
            body = self.rfile.read(int(length))
            if self.is_allowed():
                self.score(body)

    def is_allowed(self) -> bool:
        """Whether the key is right; if not, the request is answered."""
        given = self.headers.get("Authorization", "").removeprefix("Bearer ").strip()
        if hmac.compare_digest(given.encode(), self.server.key().encode()):
            return True
        self.answer(HTTPStatus.UNAUTHORIZED, "The key is missing or wrong: send it as Authorization: Bearer KEY.")
        return False

    def score(self, body: bytes) -> None:
        state = self.server.state()
        colour = self.headers.get(DEPLOYMENT) or pick_by_weight(state["traffic"])
        made = state["deployments"].get(colour)
        if made is None:
            reason = f"no deployment {colour!r:.60}" if colour else "no deployment with traffic"
            self.answer(HTTPStatus.NOT_FOUND, f"The endpoint has {reason}.")
            return
        try:
            text = body.decode("utf-8")
        except UnicodeDecodeError:
            self.answer(HTTPStatus.BAD_REQUEST, "The body is not UTF-8.", colour)
            return
        try:
            answer = self.server.children.get(colour, made["path"]).ask(text)
        except ChildError as error:
            self.answer(HTTPStatus.BAD_GATEWAY, f"{colour} cannot answer: {error}.", colour)
            return
        self.answer(HTTPStatus(answer["status"]), answer.get("json", answer.get("text")), colour)

    def wait_for_model(self, colour: str) -> None:
        made = self.server.state()["deployments"].get(colour)
        if made is None:
            self.answer(HTTPStatus.NOT_FOUND, f"The endpoint has no deployment {colour!r:.60}.")
            return
        try:
            self.server.children.get(colour, made["path"]).load()
        except ChildError as error:
            self.answer(HTTPStatus.BAD_GATEWAY, f"{colour} does not start: {error}.")
            return
        self.answer(HTTPStatus.OK, {"status": "Ready"})

    def answer(self, status: HTTPStatus, content: Any, colour: str = "") -> None:
        """Send JSON, or a sentence."""
        data = content.encode() if isinstance(content, str) else json.dumps(content).encode()
        self.send_response(status)
        self.send_header(
            "Content-Type", "text/plain; charset=utf-8" if isinstance(content, str) else "application/json"
        )
        self.send_header("Content-Length", str(len(data)))
        if colour:
            self.send_header(DEPLOYMENT, colour)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:
        """No line for a request: what people ask is not written down."""


def pick_by_weight(traffic: dict[str, int]) -> str:
    """A deployment by chance, each as often as its share says; "" where nobody has traffic."""
    names = [name for name, share in traffic.items() if share > 0]
    weights = [traffic[name] for name in names]
    return random.choices(names, weights)[0] if names else ""  # noqa: S311 - a share, no secret


if __name__ == "__main__":
    Server(Path(sys.argv[1]), int(sys.argv[3])).serve_forever()
