"""A TCP proxy that does to a connection what bad networks do, at a byte of the server's answers."""

import socket
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

Fault = Literal["stall", "reset", "truncate", "mute", "drip", "late", "none"]
DRIP_BYTES, DRIP_SECONDS, LATE_SECONDS = 997, 0.002, 0.02


@dataclass
class StallingProxy:
    """Forwards to `port`. After `at` bytes of answers of one connection the `fault` happens, `times` times in all.

    stall: nothing passes any more, and both ends believe that the connection is well. reset: it is cut hard.
    truncate: it is closed. mute: it is accepted, and no byte is answered. drip: few bytes at a time pass from then on.
    late: each piece of an answer comes LATE_SECONDS later.
    """

    server: int
    fault: Fault = "none"
    at: int = 0
    times: int = 1_000_000
    open_sockets: list[socket.socket] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.listener.getsockname()[1]
        threading.Thread(target=self.accept_all, daemon=True).start()

    def accept_all(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                server = socket.create_connection(("127.0.0.1", self.server))
                self.open_sockets += [client, server]
                threading.Thread(target=self.pump, args=(client, server), daemon=True).start()
                threading.Thread(target=self.pump_answers, args=(server, client), daemon=True).start()

    def pump(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)

    def pump_answers(self, source: socket.socket, sink: socket.socket) -> None:
        passed = 0
        with suppress(OSError):
            while data := source.recv(65536):
                passed += len(data)
                if self.fault != "none" and (passed > self.at or self.fault == "mute") and self.times > 0:
                    if self.fault in ("drip", "late"):
                        self.slow_down(sink, data)
                        continue
                    self.times -= 1
                    self.break_connection(sink)
                    return
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)

    def break_connection(self, sink: socket.socket) -> None:
        if self.fault in ("stall", "mute"):
            return  # the sockets stay open
        if self.fault == "reset":
            sink.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        # Nothing is sent by close() as long as the other thread reads from the socket: wake it.
        sink.shutdown(socket.SHUT_RD if self.fault == "reset" else socket.SHUT_RDWR)
        sink.close()

    def slow_down(self, sink: socket.socket, data: bytes) -> None:
        pieces = [data] if self.fault == "late" else [data[i : i + DRIP_BYTES] for i in range(0, len(data), DRIP_BYTES)]
        for piece in pieces:
            time.sleep(LATE_SECONDS if self.fault == "late" else DRIP_SECONDS)
            sink.sendall(piece)

    def url(self, url: str) -> str:
        """The same URL, by way of this proxy."""
        return url.replace(f":{urlsplit(url).port}", f":{self.port}")

    def close(self) -> None:
        for each in [self.listener, *self.open_sockets]:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()
