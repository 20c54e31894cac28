"""Connect with psycopg2, and read what libpq says in the encoding that it says it in.

Until a connection has an encoding, a server sends its refusals in its own: a Spanish PostgreSQL on Windows in cp1252.
So does Windows with its reasons. psycopg2 takes all of it for UTF-8, and raises UnicodeDecodeError instead.

libpq's environment variables fill in what a URL leaves out: https://www.postgresql.org/docs/current/libpq-envars.html
A password or a certificate is welcome. What leads to another server, or changes a session, is not.
"""

import ipaddress
import locale
import os
from contextlib import suppress
from typing import Any

import psycopg2
from psycopg2.extensions import connection, parse_dsn

WINDOWS_ENCODING = "cp1252"  # of Western Europe and America
IGNORED_VARIABLES = ("PGSERVICE", "PGOPTIONS", "PGTARGETSESSIONATTRS", "PGDATESTYLE", "PGTZ", "PGGEQO")
WITHOUT_TLS = {"sslnegotiation": "postgres", "channel_binding": "disable", "gssencmode": "disable"}


def connect(url: str | None = None, **parameters: Any) -> connection:
    """Connect to a server. Raises psycopg2.OperationalError, its text readable whatever the encoding."""
    for name in IGNORED_VARIABLES:
        os.environ.pop(name, None)
    try:
        db: connection = psycopg2.connect(**complete_parameters({**(parse_dsn(url) if url else {}), **parameters}))
    except UnicodeDecodeError as error:
        raise psycopg2.OperationalError(decode_message(error.object)) from None
    return db


def complete_parameters(parameters: dict[str, Any]) -> dict[str, Any]:
    """Returns libpq's parameters with what the environment must not fill in.

    A host that is an address stays that address, whatever PGHOSTADDR says. A connection without TLS asks for none of
    what needs TLS.
    """
    complete = {**WITHOUT_TLS, **parameters} if parameters.get("sslmode") == "disable" else dict(parameters)
    with suppress(ValueError):
        complete.setdefault("hostaddr", str(ipaddress.ip_address(parameters.get("host", ""))))
    return complete


def environment_without_libpq() -> dict[str, str]:
    """This process's environment without libpq's variables, for a program that is given all that it needs."""
    return {name: value for name, value in os.environ.items() if not name.upper().startswith("PG")}


def decode_message(message: bytes) -> str:
    """The text of a message that is not UTF-8: in the encoding of this computer if that fits, else in Windows'."""
    for encoding in (locale.getpreferredencoding(False), WINDOWS_ENCODING):
        try:
            return message.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
    return message.decode(WINDOWS_ENCODING, "replace")


def error_reason(error: BaseException | str) -> str:
    """The first line of a driver's message, without the address in front of it."""
    text = error if isinstance(error, str) else str(error) or type(error).__name__
    first = (text.strip().splitlines() or ["no reason given"])[0]
    return first.rpartition("failed: ")[2].removeprefix("FATAL:  ").rstrip(".: ")
