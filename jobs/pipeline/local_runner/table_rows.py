"""Read a query's rows from PostgreSQL in batches, all from one snapshot."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import Any, TypeAlias

import psycopg2
from psycopg2 import extras, sql
from psycopg2.extensions import Column, connection, cursor

from jobs.errors import ErrorKind, JobError
from jobs.libpq import error_reason
from jobs.local.roles import READER
from jobs.pipeline.local_runner.attempts import Attempt
from jobs.pipeline.local_runner.datasets import Table
from jobs.postgres.connection import fetch_value, open_connection
from jobs.provenance import read_provenance

BATCH_ROWS = 2048
DEFAULT_SECONDS = 7200.0  # Data Factory's queryTimeout where nothing sets one

Batch: TypeAlias = list[tuple[Any, ...]]


@dataclass(frozen=True)
class Query:
    """What to read; without a `text`, the whole table. `seconds` is queryTimeout; 0 sets no limit.

    A queryTimeout takes precedence over the linked service's commandTimeout.
    """

    table: Table
    text: str | None
    seconds: float | None

    @property
    def limit(self) -> float:
        """The seconds that a statement may take; 0 sets no limit."""
        if self.seconds is not None:
            return self.seconds
        return DEFAULT_SECONDS if self.table.command_seconds is None else self.table.command_seconds


@dataclass(frozen=True)
class Selection:
    """The columns, the rows in batches, the provenance of the vectors, and the names of types by OID."""

    columns: Sequence[Column]
    batches: Iterator[Batch]
    provenance: dict[str, str]
    type_name: Callable[[int], str]


@contextmanager
def open_selection(query: Query, attempt: Attempt) -> Iterator[Selection]:
    """The rows of a query, for the length of the block, all from one snapshot. Raises JobError."""
    with open_connection(query.table.url) as db:
        db.set_session(isolation_level="REPEATABLE READ", readonly=True)
        extras.register_default_json(db, loads=str)  # as text: Data Factory has no other type for them
        extras.register_default_jsonb(db, loads=str)
        # A named cursor is the server's, and returns batch after batch. It ends with the connection: to close it is a
        # statement too, which the server would cancel after the timeout, and so hide the error before it.
        rows = db.cursor(name="rows")
        fetch = partial(fetch_batch, db, rows, query, attempt)
        with translate_errors(attempt):
            limit_statement(db, query, attempt)
            rows.execute(build_statement(query))
        first = fetch()
        batches = chain([first], iter(fetch, []))
        yield Selection(rows.description or (), batches, read_metadata(db, attempt), partial(type_name, db))


def fetch_batch(db: connection, rows: cursor, query: Query, attempt: Attempt) -> Batch:
    attempt.raise_if_stopped()
    with translate_errors(attempt):
        limit_statement(db, query, attempt)
        return rows.fetchmany(BATCH_ROWS)


def build_statement(query: Query) -> str | sql.Composed:
    if query.text is not None:
        return query.text
    return sql.SQL("SELECT * FROM {}").format(sql.Identifier(*query.table.name))


def limit_statement(db: connection, query: Query, attempt: Attempt) -> None:
    """Set the server's statement_timeout to the shorter of the query's and the attempt's."""
    limits = filter(None, (query.limit, attempt.seconds_left()))
    with db.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = %s", (int(max(0, min(limits)) * 1000) + 1,))


def read_metadata(db: connection, attempt: Attempt) -> dict[str, str]:
    """What filled the database's vectors, for a Parquet's metadata. Empty if the database does not record it."""
    with translate_errors(attempt):
        provenance = read_provenance(db)
    return provenance.to_metadata() if provenance else {}


def type_name(db: connection, oid: int) -> str:
    return str(fetch_value(db, "SELECT format_type(%s, NULL)", (oid,)))


LET_READ = (
    f"the pipeline logs in as {READER}, which reads only our tables; for another one run, as its owner, "
    f"`GRANT SELECT ON the table TO {READER}`"
)


@contextmanager
def translate_errors(attempt: Attempt) -> Iterator[None]:
    """Raise JobError for the server's errors. A lost connection is handled by jobs/postgres."""
    try:
        yield
    except psycopg2.errors.QueryCanceled as error:
        attempt.raise_if_stopped()  # names policy.timeout where that has ended the statement
        message = "The query took longer than queryTimeout or commandTimeout allow: raise them."
        raise JobError(message) from error
    except (psycopg2.OperationalError, psycopg2.InterfaceError):
        raise
    except psycopg2.Error as error:
        denied = isinstance(error, psycopg2.errors.InsufficientPrivilege)
        advice = LET_READ if denied else "fix it in the pipeline"
        message = f"PostgreSQL refuses the query ({error_reason(error)}): {advice}."
        raise JobError(message, ErrorKind.invalid) from error
    except (ValueError, OverflowError) as error:
        message = f"The query returns a value that cannot be read ({error}): cast its column ::text."
        raise JobError(message, ErrorKind.invalid) from error
