"""Connections to PostgreSQL: to the laptop's server by its URL, to a target's by its outputs."""

import math
import os
import random
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias, cast

import certifi
import psycopg2
from psycopg2.extensions import connection, parse_dsn

from jobs.errors import ErrorKind, JobError
from jobs.libpq import connect as connect_to_server
from jobs.postgres.errors import connection_error, retry_seconds, server_address
from jobs.postgres.statement_errors import ServerConnection, ServerCursor, raising_connection, sql_name, statement_error
from jobs.target import Target
from jobs.wait import backoff, wait_until

TOKEN_SCOPE = "https://ossrdbms-aad.database.windows.net/.default"  # noqa: S105 - the name of a scope, no secret
INVALID_URL = (
    "The database's URL is not a PostgreSQL URL: write postgresql://USER:PASSWORD@HOST:PORT/DATABASE, characters such "
    "as @ : / % in the password as %40 %3A %2F %25, or leave the password to PGPASSWORD."
)
LOCK_SECONDS = 60
FIRST_PAUSE, LONGEST_PAUSE = 0.25, 4.0
SETTINGS: dict[str, Any] = {
    "connect_timeout": 15,
    "application_name": "jobs",
    "client_encoding": "UTF8",  # else that of the database: two databases may have different ones
    # Firewalls on the way forget a silent connection after some minutes, and a dead one must not be waited for.
    "keepalives_idle": 60,
    "keepalives_interval": 10,
    "keepalives_count": 6,
}

EXTENSION_SCHEMA = """
SELECT set_config(
    'search_path', concat_ws(', ', nullif(current_setting('search_path'), ''), quote_ident(nspname)), false
) FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
WHERE extname = 'vector' AND NOT nspname = ANY (current_schemas(true))
"""

Database: TypeAlias = str | Target
"""A libpq URL, or a target. Each connection to a target asks for its password again: an Entra token lasts an hour."""


def connection_params(database: Database) -> dict[str, str]:
    """What to connect with, by libpq's names. Trusted root certificates are added where the server's name is verified.

    Raises JobError for an invalid URL (its text is not repeated: it may hold a password), and without a login at Azure.
    """
    url = database if isinstance(database, str) else database.postgres_url("")
    try:
        params: dict[str, str] = parse_dsn(url)
    except (psycopg2.ProgrammingError, ValueError):  # ValueError: a zero byte, half of a character
        raise JobError(INVALID_URL, ErrorKind.invalid) from None
    if "@" in params.get("host", "") + params.get("dbname", "") or not re.fullmatch(r"[\d,]*", params.get("port", "")):
        # An unquoted character of the password has moved its end into the host, which error messages show.
        raise JobError(INVALID_URL, ErrorKind.invalid)
    if isinstance(database, Target):
        params["password"] = login_password(database)
    if params.get("sslmode") == "verify-full" and "PGSSLROOTCERT" not in os.environ:
        # certifi has DigiCert Global Root G2 and Microsoft RSA Root 2017, which sign Azure's certificates:
        # https://learn.microsoft.com/azure/postgresql/security/security-tls
        params.setdefault("sslrootcert", certifi.where())
    return params


def login_password(target: Target) -> str:
    """The stack's password, or an Entra token in place of it: a fresh one if the last has expired."""
    if target.postgres_auth == "password":
        return target.postgres_password
    from jobs.azure.errors import translate_errors
    from jobs.azure.login import credential

    with translate_errors(f"the server {target.postgres_host}", "of an Entra administrator of the server"):
        return credential().get_token(TOKEN_SCOPE).token


@contextmanager
def open_connection(database: Database, only_read: bool = False) -> Iterator[ServerConnection]:
    """A connection for the length of the block. It is rolled back and closed at the end: commit what you want to keep.

    `only_read`: the server refuses to write, and no error advises to change its tables. Raises JobError, which names
    the server, if it does not answer, refuses, or closes the connection. Blocks may be nested: an error is that of the
    connection that raised it.
    """
    db = connect_with_retry(database)
    try:
        add_extension_to_search_path(db)
        if only_read:
            db.set_session(readonly=True)
        yield db
    except psycopg2.Error as error:
        if raising_connection(error) not in (None, db):
            raise  # the enclosing block that opened the connection names its server
        raise statement_error(error, db.address, db.user, only_read) from error
    finally:
        db.close()


def add_extension_to_search_path(db: connection) -> None:
    """Make pgvector's types and operators known by their names, where it is installed in a schema of its own."""
    db.autocommit = True
    with db.cursor() as cursor:
        cursor.execute(EXTENSION_SCHEMA)
    db.autocommit = False


def connect_with_retry(database: Database) -> ServerConnection:
    """A connection. Waits for errors that pass by themselves. Raises JobError."""
    started, message = time.monotonic(), ""
    server: dict[str, Any] = {}

    def connect() -> ServerConnection | None:
        nonlocal server, message
        server = connection_params(database)
        try:
            factories = {"connection_factory": ServerConnection, "cursor_factory": ServerCursor}
            db = cast("ServerConnection", connect_to_server(**SETTINGS | factories | server))
        except psycopg2.OperationalError as error:
            message = str(error)
            return None
        db.parameters = SETTINGS | server
        db.address, db.user = server_address(server), sql_name(db.info.user, db)
        return db

    def pauses() -> Iterator[float]:
        """As long as the last error allows, with jitter that spreads clients out."""
        for pause in backoff(FIRST_PAUSE, LONGEST_PAUSE):
            if time.monotonic() - started + pause > retry_seconds(message):
                return
            yield pause * random.uniform(1, 1.5)  # noqa: S311 - keeps no secret

    db = wait_until(connect, every=pauses(), at_most=math.inf)
    if db is None:
        raise connection_error(message, server)
    return db


def target_url(target: Target) -> str:
    """The URL of a target's database with a password or token that is valid now, for programs that know URLs only."""
    return target.postgres_url(login_password(target))


def acquire_lock(db: connection, name: str) -> None:
    """Hold the lock `name` until the connection closes. Raises JobError if another command holds it.

    A killed command may hold it for a moment longer, so this waits for up to LOCK_SECONDS.
    """
    with db.cursor() as cursor:
        cursor.execute("SET lock_timeout = %s", (f"{LOCK_SECONDS}s",))
        try:
            cursor.execute("SELECT pg_advisory_lock(hashtext(%s))", (name,))
        except psycopg2.errors.LockNotAvailable as error:
            raise JobError(
                f"Another `{name}` is working on this database: wait until it has ended (with its network cut, it ends "
                "after some minutes).",
                ErrorKind.conflict,
            ) from error
        cursor.execute("RESET lock_timeout")
    db.commit()


def fetch_value(db: connection, query: str, values: tuple[Any, ...] = ()) -> Any:
    """The first column of a query's first row, or None without a row."""
    with db.cursor() as cursor:
        cursor.execute(query, values)
        row = cursor.fetchone()
    return row[0] if row else None
