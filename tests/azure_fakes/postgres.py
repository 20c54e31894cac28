"""Azure's gateway before PostgreSQL, on loopback: TLS, refusals, lost connections; behind it a real embedded server.

The embedded server is compiled without TLS, so TLS ends here, as it does at Azure's own gateway.
https://www.postgresql.org/docs/current/protocol-message-formats.html
"""

import asyncio
import contextlib
import ssl
import struct
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from threading import Thread
from typing import Any

import pytest

from jobs.errors import JobError
from jobs.postgres.connection import open_connection
from jobs.target import Target
from tests.azure_fakes.authority import Certificate

HOST = "psql-fer.postgres.database.azure.com"
SSL_REQUEST = 80877103
FIREWALL = 'no pg_hba.conf entry for host "203.0.113.7", user "feradmin", database "fer_vct", {}'


@dataclass
class Gateway:
    """`context` None: a server that speaks no TLS. The next connection is refused with the first of `refusals`.

    `cut` is the number of bytes, of either side, after which a connection is closed. `startups` are the parameters that
    clients sent, in the clear or not: what is there has seen the user's name.
    """

    backend: int
    context: ssl.SSLContext | None
    refusals: list[tuple[str, str]] = field(default_factory=list)
    cut: int | None = None
    startups: list[dict[str, str]] = field(default_factory=list)
    port: int = 0

    def __post_init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._server = self._loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self.port = self._server.sockets[0].getsockname()[1]
        self._thread = Thread(target=self._loop.run_forever)
        self._thread.start()

    def close(self) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        self._loop.close()

    async def _end(self) -> None:
        self._server.close()
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            await self._talk(reader, writer)
        writer.close()
        with contextlib.suppress(OSError, asyncio.CancelledError):
            await writer.wait_closed()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        packet = await startup_packet(reader)
        secure = struct.unpack(">i", packet[4:8])[0] == SSL_REQUEST
        if secure:
            writer.write(b"S" if self.context else b"N")
            if self.context:
                await writer.start_tls(self.context)
            packet = await startup_packet(reader)
        self.startups.append(parameters(packet))
        if not secure:
            self.refusals.insert(0, ("28000", FIREWALL.format("no encryption")))
        if self.refusals:
            writer.write(error_response(*self.refusals.pop(0)))
            await writer.drain()
            return
        back_reader, back_writer = await asyncio.open_connection("127.0.0.1", self.backend)
        with contextlib.closing(back_writer):  # whatever of the waiting below is cancelled
            back_writer.write(packet)
            there = asyncio.ensure_future(pump(reader, back_writer, self.cut))
            back = asyncio.ensure_future(pump(back_reader, writer, self.cut))
            try:
                await asyncio.wait({there, back}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in (there, back):
                    task.cancel()
                await asyncio.gather(there, back, return_exceptions=True)


async def startup_packet(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readexactly(4)
    return head + await reader.readexactly(struct.unpack(">i", head)[0] - 4)


def parameters(packet: bytes) -> dict[str, str]:
    texts = packet[8:].rstrip(b"\0").decode().split("\0")
    return dict(zip(texts[::2], texts[1::2], strict=True))


def error_response(code: str, message: str) -> bytes:
    body = b"".join(f"{name}{text}\0".encode() for name, text in (("S", "FATAL"), ("C", code), ("M", message))) + b"\0"
    return b"E" + struct.pack(">i", len(body) + 4) + body


async def pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter, most: int | None) -> None:
    """Pass bytes on until there are no more, or `most` have passed."""
    passed = 0
    while data := await source.read(65536):
        sink.write(data)
        await sink.drain()
        passed += len(data)
        if most is not None and passed >= most:
            return


Open = Callable[[Certificate | None], Gateway]


def tls(certificate: Certificate) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.certificate, certificate.key)
    return context


def stack(target: Target, gateway: Gateway, **values: Any) -> Target:
    """What a stack's outputs would be."""
    there: dict[str, Any] = {"postgres_host": HOST, "postgres_port": gateway.port, "postgres_sslmode": "verify-full"}
    return replace(target, **there | values)


def refused(target: Target) -> str:
    """The one line in which a connection is refused."""
    with pytest.raises(JobError) as failure, open_connection(target):
        pass
    assert "\n" not in str(failure.value)
    return str(failure.value)
