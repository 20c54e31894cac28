"""The proxy of the tests does to a connection what each fault is called: what a client sees of it."""

import socket
import threading
from collections.abc import Iterator
from contextlib import closing, suppress

import pytest

from tests.stalling_proxy import Fault, StallingProxy

ANSWER = b"a" * 300_000


@pytest.fixture
def port() -> Iterator[int]:
    """A server that sends the answer to each client, and waits until the client has gone."""
    listener = socket.create_server(("127.0.0.1", 0))

    def answer(client: socket.socket) -> None:
        with closing(client), suppress(OSError):
            client.sendall(ANSWER)
            client.recv(1)

    def serve() -> None:
        with suppress(OSError):
            while True:
                client, _ = listener.accept()
                threading.Thread(target=answer, args=(client,), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    yield listener.getsockname()[1]
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()


def read_answer(port: int) -> tuple[int, str]:
    """How many bytes arrive, and what the client sees then."""
    count = 0
    with socket.create_connection(("127.0.0.1", port), timeout=5) as client:
        client.settimeout(1)
        try:
            while count < len(ANSWER):
                data = client.recv(65536)
                if not data:
                    return count, "end"
                count += len(data)
        except OSError as error:
            return count, type(error).__name__
    return count, "all"


@pytest.mark.parametrize(
    ("fault", "seen"),
    [
        ("reset", "ConnectionResetError"),
        ("truncate", "end"),
        ("stall", "TimeoutError"),
        ("mute", "TimeoutError"),
        ("drip", "all"),
        ("late", "all"),
        ("none", "all"),
    ],
)
def test_a_client_sees_the_fault_once(port: int, fault: Fault, seen: str) -> None:
    with closing(StallingProxy(port, fault, at=100_000, times=1)) as proxy:
        count, end = read_answer(proxy.port)
        assert end == seen
        assert count == len(ANSWER) if seen == "all" else count <= 100_000
        assert fault in ("drip", "late") or read_answer(proxy.port) == (len(ANSWER), "all")
