"""Log in to PostgreSQL, in one place: the laptop's server by its URL, a target's by its outputs."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import certifi
import psycopg2
from psycopg2.extensions import connection, parse_dsn

from jobs.failure import Failure
from jobs.target import Target

TOKEN_SCOPE = "https://ossrdbms-aad.database.windows.net/.default"  # noqa: S105 - the name of a scope, no secret
CONNECT_SECONDS = 15
LOCK_SECONDS = 60


def target_url(target: Target) -> str:
    """The URL of a target's database, with its password or a fresh Entra token in the password's place."""
    if target.postgres_auth == "password":
        return target.postgres_url(target.postgres_password)
    from azure.identity import DefaultAzureCredential

    return target.postgres_url(DefaultAzureCredential().get_token(TOKEN_SCOPE).token)


def parts(url: str) -> dict[str, str]:
    """The parts of a libpq URL by libpq's names, roots of trust added where the server's name is verified."""
    try:
        found: dict[str, str] = parse_dsn(url)
    except psycopg2.ProgrammingError as error:
        raise Failure("That is no PostgreSQL URL: write postgresql://USER:PASSWORD@HOST:PORT/DATABASE.") from error
    if found.get("sslmode") == "verify-full":
        found.setdefault("sslrootcert", certifi.where())
    return found


@contextmanager
def connected(url: str) -> Iterator[connection]:
    """A connection for the length of the block, rolled back and closed behind it: commit what shall stay.

    A server that cannot be reached, refuses, or goes away in the middle is a Failure that names it.
    """
    server = parts(url)
    place = f"{server.get('host', 'localhost')}:{server.get('port', '5432')}/{server.get('dbname', '')}"
    options: dict[str, Any] = {**server}
    try:
        db = psycopg2.connect(connect_timeout=CONNECT_SECONDS, application_name="jobs", **options)
    except psycopg2.OperationalError as error:
        raise Failure(
            f"PostgreSQL at {place} lets no one in ({reason(error)}): is it running and open to you?"
        ) from error
    try:
        yield db
    except (psycopg2.OperationalError, psycopg2.InterfaceError) as error:
        raise Failure(f"PostgreSQL at {place} gave up ({reason(error)}): run the same command again.") from error
    finally:
        db.close()


def reason(error: BaseException) -> str:
    """The first line of a driver's message, without the address that stands before it."""
    first = (str(error).strip().splitlines() or [type(error).__name__])[0]
    return first.rpartition("failed: ")[2].removeprefix("FATAL:  ")


def lock(db: connection, name: str) -> None:
    """Hold `name` until the connection closes. Whoever was killed may leave it held for a moment: wait for it."""
    with db.cursor() as cursor:
        cursor.execute("SET lock_timeout = %s", (f"{LOCK_SECONDS}s",))
        try:
            cursor.execute("SELECT pg_advisory_lock(hashtext(%s))", (name,))
        except psycopg2.errors.LockNotAvailable as error:
            raise Failure(f"Another `{name}` works on this database: wait until it has ended.") from error
        cursor.execute("RESET lock_timeout")
    db.commit()


def one(db: connection, query: str, values: tuple[Any, ...] = ()) -> Any:
    """The first column of the first row of a query, or None."""
    with db.cursor() as cursor:
        cursor.execute(query, values)
        row = cursor.fetchone()
    return row[0] if row else None
