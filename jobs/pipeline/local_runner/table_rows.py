"""Read a query's rows from PostgreSQL, a group at a time, as of one moment."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import Any, TypeAlias

import psycopg2
from psycopg2 import extras, sql
from psycopg2.extensions import Column, connection, cursor

from jobs.errors import JobError
from jobs.pipeline.local_runner.attempts import Attempt
from jobs.pipeline.local_runner.datasets import Table
from jobs.postgres.connection import error_reason, fetch_value, open_connection

GROUP_ROWS = 2048
MADE_WITH = ("weights", "weights_sha256", "precision", "network_sha256")

Group: TypeAlias = list[tuple[Any, ...]]


@dataclass(frozen=True)
class Query:
    """What to read: without a `text` the table itself. `seconds` is what one statement may take; 0 sets no limit."""

    table: Table
    text: str | None
    seconds: float


@dataclass(frozen=True)
class Selection:
    """The columns, the rows in groups, what made the vectors in this database, and the names of types by number."""

    columns: Sequence[Column]
    groups: Iterator[Group]
    provenance: dict[str, str]
    type_name: Callable[[int], str]


@contextmanager
def open_selection(query: Query, attempt: Attempt) -> Iterator[Selection]:
    """The rows of a query for the length of the block, all as of its start. Raises Failure."""
    with open_connection(query.table.url) as db:
        db.set_session(isolation_level="REPEATABLE READ", readonly=True)
        extras.register_default_json(db, loads=str)  # as the text they are: Data Factory has no other type for them
        extras.register_default_jsonb(db, loads=str)
        # A name makes it the server's: it hands out group after group. It goes with the connection, for to close it is
        # a statement too, which the server would cancel where the time is up, and so hide what had been told.
        rows = db.cursor(name="rows")
        fetch = partial(fetch_group, db, rows, query, attempt)
        with translate_errors(attempt):
            limit_statements(db, query, attempt)
            rows.execute(statement(query))
        first = fetch()
        groups = chain([first], iter(fetch, []))
        yield Selection(rows.description or (), groups, read_provenance(db, attempt), partial(type_name, db))


def fetch_group(db: connection, rows: cursor, query: Query, attempt: Attempt) -> Group:
    attempt.raise_if_stopped()
    with translate_errors(attempt):
        limit_statements(db, query, attempt)
        return rows.fetchmany(GROUP_ROWS)


def statement(query: Query) -> str | sql.Composed:
    if query.text is not None:
        return query.text
    return sql.SQL("SELECT * FROM {}").format(sql.Identifier(*query.table.name))


def limit_statements(db: connection, query: Query, attempt: Attempt) -> None:
    """Let the server end what the pipeline's timeouts do not allow."""
    limits = filter(None, (query.seconds, query.table.command_seconds, attempt.seconds_left()))
    with db.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = %s", (int(max(0, min(limits)) * 1000) + 1,))


def read_provenance(db: connection, attempt: Attempt) -> dict[str, str]:
    """The weights and precision that made the vectors, where the database has the table that tells."""
    with translate_errors(attempt):
        if fetch_value(db, "SELECT to_regclass('embedding')") is None:
            return {}
        found = json.loads(fetch_value(db, "SELECT to_jsonb(embedding) FROM embedding LIMIT 1") or "{}")
    return {key: found[key] for key in MADE_WITH if isinstance(found.get(key), str)}


def type_name(db: connection, number: int) -> str:
    return str(fetch_value(db, "SELECT format_type(%s, NULL)", (number,)))


@contextmanager
def translate_errors(attempt: Attempt) -> Iterator[None]:
    """Tell what the server refuses as a Failure. A connection that is lost is jobs.postgres's to tell."""
    try:
        yield
    except psycopg2.errors.QueryCanceled as error:
        attempt.raise_if_stopped()  # tells of policy.timeout where it was that
        raise JobError("The query took longer than queryTimeout or commandTimeout allow: raise them.") from error
    except (psycopg2.OperationalError, psycopg2.InterfaceError):
        raise
    except psycopg2.Error as error:
        raise JobError(f"PostgreSQL refuses the query ({error_reason(error)}): mend it in the pipeline.") from error
    except (ValueError, OverflowError) as error:
        raise JobError(f"The query has a value that cannot be read ({error}): cast its column ::text.") from error
