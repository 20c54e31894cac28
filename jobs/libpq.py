"""Connect with psycopg2, and read what libpq says in the encoding that it says it in.

Until a connection has an encoding, a server sends its refusals in its own: a Spanish PostgreSQL on Windows in cp1252.
So does Windows with its reasons. psycopg2 takes all of it for UTF-8, and raises UnicodeDecodeError instead.
"""

import locale
from typing import Any

import psycopg2
from psycopg2.extensions import connection

WINDOWS_ENCODING = "cp1252"  # of Western Europe and America


def connect(url: str | None = None, **parameters: Any) -> connection:
    """Connect to a server. Raises psycopg2.OperationalError, its text readable whatever the encoding."""
    try:
        db: connection = psycopg2.connect(url, **parameters)
    except UnicodeDecodeError as error:
        raise psycopg2.OperationalError(decode_message(error.object)) from None
    return db


def decode_message(message: bytes) -> str:
    """The text of a message that is not UTF-8: in the encoding of this computer if that fits, else in Windows'."""
    for encoding in (locale.getpreferredencoding(False), WINDOWS_ENCODING):
        try:
            return message.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
    return message.decode(WINDOWS_ENCODING, "replace")
