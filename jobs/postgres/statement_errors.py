"""What it means to you when PostgreSQL does not run a statement. The server is named by the connection that raised."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import psycopg2
from psycopg2.extensions import connection, cursor, quote_ident

from jobs.errors import ErrorKind, JobError, explain
from jobs.libpq import error_reason
from jobs.postgres.silence import SilentServerError, WatchedFile, watch

CONNECTION = "raised_by"  # an attribute of errors
# Where a command only reads. Nothing there is to be changed, so none of these advises to change a table.
SOURCE_HINTS = {
    r"permission denied for schema (?P<schema>\S+)": (
        "PostgreSQL at {server} does not let {user} use the schema {schema}: run `GRANT USAGE ON SCHEMA {schema} TO "
        "{user}` there as its owner, or log in as its owner."
    ),
    r"row-level security|row security": (
        "PostgreSQL at {server} hides rows from {user} ({reason}): run `ALTER ROLE {user} BYPASSRLS` there as the "
        "server's administrator, or log in as a user who sees every row."
    ),
    r"permission denied for (table|view|relation) (?P<table>\S+)": (
        "PostgreSQL at {server} does not let {user} read the table {table}: run `GRANT SELECT ON {table} TO {user}` "
        "there as its owner, or log in as its owner."
    ),
}
SOURCE_REFUSED = "PostgreSQL at {server} does not allow that ({reason}): log in as the owner of its tables."
SOURCE_REJECTS = (
    "PostgreSQL at {server}, which is only read, does not give its rows ({reason}): "
    "`python -m jobs adopt DIR --source URL` makes its table imagenes_fer one that the commands can read."
)
ONLY_READ = "PostgreSQL at {server} is only read here ({reason}): write a statement that reads."
TARGET_REFUSED = (
    "PostgreSQL at {server} does not allow that ({reason}): log in as its administrator, or as the user who created "
    "the table."
)
TARGET_REJECTS = (
    "PostgreSQL at {server} rejects that ({reason}): if somebody has changed the table imagenes_fer there, undo the "
    "change, or put the table aside with `CREATE SCHEMA put_aside; ALTER TABLE imagenes_fer SET SCHEMA put_aside` and "
    "fill a new one with `python -m jobs embed DIR` and `python -m jobs migrate`."
)
NO_MORE_DATA = (
    "PostgreSQL at {server} does not accept more data ({reason}). Azure's does this when its disk is nearly full: make "
    "its storage larger in the Azure portal."
)
CLOSED = "PostgreSQL at {server} closed the connection ({reason}): run the same command again."
SILENT = (
    "PostgreSQL at {server} does not answer any more ({reason}), and does not work on the statement: check the "
    "network, then run the same command again."
)
CANCELED = (
    "PostgreSQL at {server} canceled the statement ({reason}): run the same command again; first raise a limit that is "
    "set there, as `ALTER ROLE {user} SET statement_timeout = 0` does for the login."
)
CLOSING_CODES = ("08", "57P")  # https://www.postgresql.org/docs/current/errcodes-appendix.html


def raising_connection(error: psycopg2.Error) -> connection | None:
    """The connection that raised an error; None if it is not one of `ServerConnection`."""
    owner: connection | None = vars(error).get(CONNECTION)
    return owner or (error.cursor.connection if error.cursor else None)


def statement_error(error: psycopg2.Error, address: str, user: str, only_read: bool) -> JobError:
    """The error to show for one of the server at `address`. `only_read`: the command writes nothing there."""
    values = {"server": address, "user": user, "reason": error_reason(error)}
    if isinstance(error, psycopg2.errors.InsufficientPrivilege):
        hints: Mapping[str, str] = SOURCE_HINTS if only_read else {}
        default = SOURCE_REFUSED if only_read else TARGET_REFUSED
        return JobError(explain(error_reason(error), hints, default, **values), ErrorKind.refused)
    if only_read and isinstance(error, psycopg2.errors.ReadOnlySqlTransaction):
        return JobError(ONLY_READ.format(**values), ErrorKind.refused)
    if isinstance(error, psycopg2.errors.ReadOnlySqlTransaction | psycopg2.errors.DiskFull):
        return JobError(NO_MORE_DATA.format(**values), ErrorKind.refused)
    if isinstance(error, SilentServerError):
        return JobError(SILENT.format(**values), ErrorKind.unavailable)
    lost = type(error) is psycopg2.DatabaseError  # what psycopg2 raises where libpq has no message of the server
    if lost or isinstance(error, psycopg2.OperationalError | psycopg2.InterfaceError):
        closed = not error.pgcode or error.pgcode.startswith(CLOSING_CODES)
        return JobError((CLOSED if closed else CANCELED).format(**values), ErrorKind.unavailable)
    return JobError((SOURCE_REJECTS if only_read else TARGET_REJECTS).format(**values), ErrorKind.conflict)


def sql_name(name: str, db: connection) -> str:
    """A name as SQL writes it: in quotes where it needs them."""
    return name if re.fullmatch("[a-z_][a-z0-9_]*", name) else quote_ident(name, db)


def run_marked(owner: connection, function: Any, *args: Any, **kwargs: Any) -> Any:
    """Call a method of psycopg2. Its errors name their `owner`: psycopg2 itself does so only for some of a cursor's.

    A server that falls silent for ever is an error, too.
    """
    try:
        with watch(owner, getattr(owner, "parameters", None)) as call:
            if call and function.__name__ == "copy_expert":
                query, file, *more = args
                args = (query, WatchedFile(call, file), *more)
            return function(*args, **kwargs)
    except psycopg2.Error as error:
        setattr(error, CONNECTION, owner)
        raise


class ServerCursor(cursor):
    """A cursor that marks its errors as those of its connection."""

    def execute(self, *args: Any, **kwargs: Any) -> None:
        run_marked(self.connection, super().execute, *args, **kwargs)

    def fetchone(self) -> Any:
        return run_marked(self.connection, super().fetchone) if self.name else super().fetchone()

    def fetchmany(self, *args: Any, **kwargs: Any) -> Any:
        fetch = super().fetchmany
        return run_marked(self.connection, fetch, *args, **kwargs) if self.name else fetch(*args, **kwargs)

    def fetchall(self) -> Any:
        return run_marked(self.connection, super().fetchall) if self.name else super().fetchall()

    def __iter__(self) -> Iterator[Any]:  # type: ignore[override]
        return iter(self.fetch_batches()) if self.name else super().__iter__()

    def fetch_batches(self) -> Iterator[Any]:
        """The rows of a named cursor, which the server sends in batches."""
        while rows := self.fetchmany(self.itersize):
            yield from rows

    def copy_expert(self, *args: Any, **kwargs: Any) -> None:
        run_marked(self.connection, super().copy_expert, *args, **kwargs)


class ServerConnection(connection):
    """A connection that marks its errors as its own.

    `address` is host:port/database, `user` the login's name as SQL writes it, `parameters` what it was opened with.
    """

    address = user = ""
    parameters: dict[str, Any] | None = None

    def commit(self) -> None:
        run_marked(self, super().commit)

    def rollback(self) -> None:
        run_marked(self, super().rollback)

    def cursor(self, *args: Any, **kwargs: Any) -> Any:
        return run_marked(self, super().cursor, *args, **kwargs)

    def set_session(self, *args: Any, **kwargs: Any) -> None:
        run_marked(self, super().set_session, *args, **kwargs)
