"""Kill a command after each request that changes something in Azure, and run it again, until it ends."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from azure.core.pipeline.transport import RequestsTransport

CHANGING = ("PUT", "PATCH", "POST", "DELETE")
ONLY_READ = ("/listKeys", "/startPendingUpload", "/getLogs")
HOST = "https://management.azure.com/"
MOST = 30


class Killed(BaseException):
    """The process ended at once: nothing of it catches this."""


@contextmanager
def killed_after_a_new_change(done: list[tuple[str, str, str]]) -> Iterator[None]:
    """Let the next change be done that is not among those `done`, and add it. Then no request is sent any more."""
    send, dead = RequestsTransport.send, [False]

    def send_or_die(transport: Any, request: Any, **options: Any) -> Any:
        if dead[0]:
            raise Killed
        response = send(transport, request, **options)
        change = (request.method, request.url.partition("?")[0], traffic_of(request.body))
        if is_change(*change[:2]) and change not in done:
            done.append(change)
            dead[0] = True
            raise Killed
        return response

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(RequestsTransport, "send", send_or_die)
        yield
        if dead[0]:
            raise Killed


def is_change(method: str, url: str) -> bool:
    return method in CHANGING and url.startswith(HOST) and not url.endswith(ONLY_READ)


def traffic_of(body: Any) -> str:
    """The traffic in a body: an endpoint is put more than once."""
    found = re.search(r'"traffic": ({[^}]*})', body if isinstance(body, str) else "")
    return found[1] if found else ""


def run_through_kills(command: Callable[[], object], check: Callable[[], object] = lambda: None) -> int:
    """Run a command again and again, each time killed after its next change, until it ends. Returns the kills.

    `check` is called after every kill.
    """
    done: list[tuple[str, str, str]] = []
    for kills in range(MOST):
        try:
            with killed_after_a_new_change(done):
                command()
            return kills
        except Killed:
            check()
    raise AssertionError(f"the command does not end after {MOST} kills")
