"""The connection of every Azure client: it says what it waits for, where the SDKs are silent.

One thread looks at all waits: a thread for each request would cost more than the request of a small picture.
"""

import threading
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias
from urllib.parse import urlsplit

import requests
from azure.core.pipeline.transport import RequestsTransport

from jobs.azure.retries import LIMITS
from jobs.terminal import log

Pieces: TypeAlias = Callable[..., Iterator[bytes]]
SAY_SECONDS, POLL_SECONDS = 10.0, 0.5


@dataclass(eq=False)
class Wait:
    """A wait for a byte of a host, since a time of the monotonic clock."""

    host: str
    since: float
    said: bool = False

    def check(self) -> None:
        """Say it, once."""
        seconds = time.monotonic() - self.since
        if seconds >= SAY_SECONDS and not self.said:
            self.said = True
            log(f"Waiting for {self.host}: no byte for {seconds:.0f} s")


_waits: set[Wait] = set()
_lock = threading.Lock()
_watcher: list[threading.Thread] = []


class SpeakingTransport(RequestsTransport):  # type: ignore[misc]  # the SDK imports it lazily, without types
    """The transport of Azure's SDKs with our limits. It says when no byte has come for SAY_SECONDS."""

    def __init__(self, session: requests.Session | None = None) -> None:
        super().__init__(session=session, **LIMITS)

    def send(self, request: Any, **options: Any) -> Any:
        host = urlsplit(request.url).netloc
        with waiting_for(host):
            response = super().send(request, **options)
        raw = response.internal_response.raw
        # Weak, or the response would hold itself, and its connection be open until the next collection.
        raw.stream = partial(read_pieces, host, weakref.WeakMethod(raw.stream))
        return response


def read_pieces(host: str, stream: "weakref.WeakMethod[Pieces]", *args: Any, **options: Any) -> Iterator[bytes]:
    """The pieces of a body, each of them waited for. `stream` is a method of the response that is being read."""
    method = stream()
    if method is None:
        raise ReferenceError("the response is gone")
    return wait_for_each(host, method(*args, **options))


def wait_for_each(host: str, pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The same pieces, each of them waited for."""
    while True:
        with waiting_for(host):
            piece = next(pieces, None)
        if piece is None:
            return
        yield piece


@contextmanager
def waiting_for(host: str) -> Iterator[None]:
    """Say it if the block takes longer than SAY_SECONDS."""
    wait = Wait(host, time.monotonic())
    with _lock:
        _waits.add(wait)
        if not _watcher:
            _watcher.append(threading.Thread(target=watch, name="azure-silence", daemon=True))
            _watcher[0].start()
    try:
        yield
    finally:
        with _lock:
            _waits.discard(wait)


def watch() -> None:
    while True:
        with _lock:
            waits = list(_waits)
        for wait in waits:
            wait.check()
        time.sleep(POLL_SECONDS)
