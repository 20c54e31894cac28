"""Refusals of PostgreSQL and of the system in the encoding of a Spanish Windows."""

import socket
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread

import psycopg2
import pytest

from jobs.entry import main
from jobs.errors import ErrorKind, JobError
from jobs.libpq import connect, decode_message
from jobs.postgres.connection import open_connection

PASSWORD = "la autentificación password falló para el usuario «ana»"
ROLE = "no existe el rol «ana»"
DATABASE = "no existe la base de datos «fer_vct»"
CLIENTS = "lo siento, ya tenemos demasiados clientes"

Serve = Callable[[bytes], str]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """A function that opens a server which refuses every connection with a message. Returns its URL."""
    listeners: list[socket.socket] = []

    def open_server(message: bytes) -> str:
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)
        Thread(target=refuse_all, args=(listener, message), daemon=True).start()
        return f"postgresql://ana:x@127.0.0.1:{listener.getsockname()[1]}/fer_vct?sslmode=disable"

    yield open_server
    for listener in listeners:
        listener.close()


def refuse_all(listener: socket.socket, message: bytes) -> None:
    """Answer the start of each connection with PostgreSQL's ErrorResponse."""
    body = b"SFATAL\0C28P01\0M" + message + b"\0\0"
    while True:
        try:
            client, _ = listener.accept()
        except OSError:
            return
        with client:
            client.recv(4096)
            client.sendall(b"E" + struct.pack(">i", len(body) + 4) + body)


@pytest.mark.parametrize("encoding", ["cp1252", "utf-8"])
def test_a_refusal_is_readable_in_both_encodings(serve: Serve, encoding: str) -> None:
    with pytest.raises(psycopg2.OperationalError, match=PASSWORD):
        connect(serve(PASSWORD.encode(encoding)))


@pytest.mark.parametrize(
    ("message", "sentence", "kind"),
    [
        (PASSWORD, "does not accept the password of ana", ErrorKind.refused),
        (ROLE, "has no user ana", ErrorKind.not_found),
        (DATABASE, "has no such database", ErrorKind.not_found),
        ("un mensaje sin traducción", r"refuses the connection \(un mensaje sin traducción\)", ErrorKind.refused),
    ],
)
@pytest.mark.parametrize("encoding", ["cp1252", "utf-8"])
def test_a_spanish_server_refuses_in_one_sentence(
    serve: Serve, encoding: str, message: str, sentence: str, kind: ErrorKind
) -> None:
    with pytest.raises(JobError, match=sentence) as error, open_connection(serve(message.encode(encoding))):
        pass
    assert error.value.kind is kind


def test_a_command_reports_it(serve: Serve, drawn_faces: Path, capsys: pytest.CaptureFixture[str]) -> None:
    url = serve(PASSWORD.encode("cp1252"))
    assert main(["embed", str(drawn_faces), "--weights", "random", "--source", url]) == 1
    assert "does not accept the password of ana" in capsys.readouterr().err


def test_the_encoding_of_this_computer_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    refused = "Подключение не установлено"
    monkeypatch.setattr("locale.getpreferredencoding", lambda do_setlocale=True: "cp1251")
    assert decode_message(refused.encode("cp1251")) == refused
    monkeypatch.setattr("locale.getpreferredencoding", lambda do_setlocale=True: "utf-8")
    assert decode_message(b"conexi\xf3n \x81") == "conexión �"
