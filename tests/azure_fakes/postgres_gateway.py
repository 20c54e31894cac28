"""Azure's gateway in front of PostgreSQL: TLS, refused logins, lost connections. Behind it is the real local server.

The local server is compiled without TLS. So TLS ends in the gateway, as in Azure.

https://learn.microsoft.com/azure/postgresql/flexible-server/concepts-networking-ssl-tls
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
from tests.certificates import Certificate

HOST = "psql-fer.postgres.database.azure.com"
SSL_REQUEST = 80877103
FIREWALL = 'no pg_hba.conf entry for host "203.0.113.7", user "feradmin", database "fer_vct", {}'


@dataclass
class Gateway:
    """A TCP server on loopback. `port`: 0 for a free one.

    `backend`: the port of the real server. `context`: None for a server without TLS. `refusals`: SQLSTATE and message
    for the next connections, one each. `cut_after`: close a connection after so many bytes in either direction.
    `startups`: the startup parameters of each client, encrypted or not. They contain the user's name.
    """

    backend: int
    context: ssl.SSLContext | None
    refusals: list[tuple[str, str]] = field(default_factory=list)
    cut_after: int | None = None
    startups: list[dict[str, str]] = field(default_factory=list)
    port: int = 0

    def __post_init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._server = self._loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", self.port))
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
        try:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError):
                await self._talk(reader, writer)
        except asyncio.CancelledError:
            writer.transport.abort()  # the end of the gateway waits for no goodbye of an idle client
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
        with contextlib.closing(back_writer):  # also when a task below is cancelled
            back_writer.write(packet)
            to_server = asyncio.ensure_future(pump(reader, back_writer, self.cut_after))
            to_client = asyncio.ensure_future(pump(back_reader, writer, self.cut_after))
            try:
                await asyncio.wait({to_server, to_client}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in (to_server, to_client):
                    task.cancel()
                await asyncio.gather(to_server, to_client, return_exceptions=True)


async def startup_packet(reader: asyncio.StreamReader) -> bytes:
    """Read the first packet of a client, or the one after the SSLRequest."""
    head = await reader.readexactly(4)
    return head + await reader.readexactly(struct.unpack(">i", head)[0] - 4)


def parameters(packet: bytes) -> dict[str, str]:
    """The parameters of a StartupMessage."""
    texts = packet[8:].rstrip(b"\0").decode().split("\0")
    return dict(zip(texts[::2], texts[1::2], strict=True))


def error_response(code: str, message: str) -> bytes:
    """An ErrorResponse message with severity FATAL."""
    body = b"".join(f"{name}{text}\0".encode() for name, text in (("S", "FATAL"), ("C", code), ("M", message))) + b"\0"
    return b"E" + struct.pack(">i", len(body) + 4) + body


async def pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter, most: int | None) -> None:
    """Copy bytes until the source ends, or until `most` bytes have passed."""
    passed = 0
    while data := await source.read(65536):
        sink.write(data)
        await sink.drain()
        passed += len(data)
        if most is not None and passed >= most:
            return


OpenGateway = Callable[[Certificate | None], Gateway]


def server_tls(certificate: Certificate) -> ssl.SSLContext:
    """The TLS context of a server with that certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.certificate, certificate.key)
    return context


def gateway_target(target: Target, gateway: Gateway, **values: Any) -> Target:
    """The outputs of a stack whose database is behind the gateway."""
    outputs: dict[str, Any] = {"postgres_host": HOST, "postgres_port": gateway.port, "postgres_sslmode": "verify-full"}
    return replace(target, **outputs | values)


def connection_error(target: Target) -> str:
    """The one-line error message of a connection that fails."""
    with pytest.raises(JobError) as error, open_connection(target):
        pass
    assert "\n" not in str(error.value)
    return str(error.value)
