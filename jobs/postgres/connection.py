"""Log in to PostgreSQL, in one place: the laptop's server by its URL, a target's by its outputs."""

import os
import random
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias

import certifi
import psycopg2
from psycopg2.extensions import connection, parse_dsn

from jobs.errors import JobError
from jobs.postgres import errors as postgres_refusal
from jobs.target import Target

TOKEN_SCOPE = "https://ossrdbms-aad.database.windows.net/.default"  # noqa: S105 - the name of a scope, no secret
INVALID_URL = (
    "That is no PostgreSQL URL: write postgresql://USER:PASSWORD@HOST:PORT/DATABASE, letters such as @ : / % in the "
    "password as %40 %3A %2F %25, or leave the password to PGPASSWORD."
)
LOCK_SECONDS = 60
FIRST_PAUSE, LONGEST_PAUSE = 0.25, 4.0
SETTINGS: dict[str, Any] = {
    "connect_timeout": 15,
    "application_name": "jobs",
    # What stands between forgets a silent connection after some minutes; and one that is dead must not be waited for.
    "keepalives_idle": 60,
    "keepalives_interval": 10,
    "keepalives_count": 6,
}

Database: TypeAlias = str | Target
"""A libpq URL, or a target: each connection then asks for its password anew, for an Entra token lasts an hour."""


def connection_params(database: Database) -> dict[str, str]:
    """What to connect with by libpq's names, roots of trust added where the server's name is verified.

    Raises Failure for what is no URL (its text is not repeated: it may hold a password), and without a login at Azure.
    """
    url = database if isinstance(database, str) else database.postgres_url("")
    try:
        found: dict[str, str] = parse_dsn(url)
    except psycopg2.ProgrammingError:
        raise JobError(INVALID_URL) from None
    if "@" in found.get("host", "") + found.get("dbname", "") or not re.fullmatch(r"[\d,]*", found.get("port", "")):
        raise JobError(INVALID_URL)  # an unquoted letter of the password has moved its end to where names are told
    if isinstance(database, Target):
        found["password"] = login_password(database)
    if found.get("sslmode") == "verify-full" and "PGSSLROOTCERT" not in os.environ:
        # certifi has DigiCert Global Root G2 and Microsoft RSA Root 2017, to which Azure's certificates lead:
        # https://learn.microsoft.com/azure/postgresql/security/security-tls
        found.setdefault("sslrootcert", certifi.where())
    return found


def login_password(target: Target) -> str:
    """The stack's password, or a token of Entra's in its place, a fresh one if the last has expired."""
    if target.postgres_auth == "password":
        return target.postgres_password
    from jobs.azure.errors import translate_errors
    from jobs.azure.login import credential

    with translate_errors(f"the server {target.postgres_host}", "of an Entra administrator of the server"):
        return credential().get_token(TOKEN_SCOPE).token


@contextmanager
def open_connection(database: Database) -> Iterator[connection]:
    """A connection for the length of the block, rolled back and closed behind it: commit what shall stay.

    A server that cannot be reached, refuses, or goes away in the middle is a Failure that names it.
    """
    db, place = connect_with_retry(database)
    try:
        yield db
    except psycopg2.errors.InsufficientPrivilege as error:
        raise JobError(
            f"PostgreSQL at {place} does not let you do that ({error_reason(error)}): log in as its administrator, or as who "
            "made the table."
        ) from error
    except (psycopg2.errors.ReadOnlySqlTransaction, psycopg2.errors.DiskFull) as error:
        raise JobError(
            f"PostgreSQL at {place} takes no more ({error_reason(error)}), as Azure's does when its disk is nearly full: "
            "make its storage larger in Azure's portal."
        ) from error
    except (psycopg2.OperationalError, psycopg2.InterfaceError) as error:
        raise JobError(f"PostgreSQL at {place} gave up ({error_reason(error)}): run the same command again.") from error
    except psycopg2.Error as error:
        raise JobError(
            f"PostgreSQL at {place} refuses that ({error_reason(error)}): if somebody has changed imagenes_fer there, take "
            "that back, or drop it with CASCADE and fill it anew with `python -m jobs embed DIR`, `migrate`."
        ) from error
    finally:
        db.close()


def connect_with_retry(database: Database) -> tuple[connection, str]:
    """A connection and the name of its place, with patience for what passes by itself. Raises Failure."""
    started, pause = time.monotonic(), FIRST_PAUSE
    while True:
        server: dict[str, Any] = connection_params(database)
        try:
            return psycopg2.connect(**SETTINGS | server), postgres_refusal.server_address(server)
        except psycopg2.OperationalError as error:
            said = str(error)
            if time.monotonic() - started + pause > postgres_refusal.retry_seconds(said):
                raise JobError(postgres_refusal.explain_connection_error(said, server)) from None
        time.sleep(pause * random.uniform(1, 1.5))  # noqa: S311 - spreads clients out, keeps no secret
        pause = min(2 * pause, LONGEST_PAUSE)


def error_reason(error: BaseException) -> str:
    """The first line of a driver's message, without the address that stands before it."""
    return postgres_refusal.error_reason(str(error) or type(error).__name__)


def target_url(target: Target) -> str:
    """The URL of a target's database with what opens it at this moment: for programs that know URLs only."""
    return target.postgres_url(login_password(target))


def take_lock(db: connection, name: str) -> None:
    """Hold `name` until the connection closes. Whoever was killed may leave it held for a moment: wait for it."""
    with db.cursor() as cursor:
        cursor.execute("SET lock_timeout = %s", (f"{LOCK_SECONDS}s",))
        try:
            cursor.execute("SELECT pg_advisory_lock(hashtext(%s))", (name,))
        except psycopg2.errors.LockNotAvailable as error:
            raise JobError(f"Another `{name}` works on this database: wait until it has ended.") from error
        cursor.execute("RESET lock_timeout")
    db.commit()


def fetch_value(db: connection, query: str, values: tuple[Any, ...] = ()) -> Any:
    """The first column of the first row of a query, or None."""
    with db.cursor() as cursor:
        cursor.execute(query, values)
        row = cursor.fetchone()
    return row[0] if row else None
