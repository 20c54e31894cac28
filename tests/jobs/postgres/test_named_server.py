"""The server that an error names is the one whose connection raised it, also in nested blocks and in threads."""

import contextlib
import io
import os
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import psycopg2
import pytest

from jobs.errors import JobError
from jobs.migrate import stream
from jobs.migrate.parts import CREATE_STAGING
from jobs.migrate.run import METHODS, migrate_table
from jobs.postgres.connection import fetch_value, open_connection
from jobs.postgres.statement_errors import ServerConnection
from jobs.wait import wait_until
from tests.databases import database_name, execute
from tests.jobs.migrate.forty_rows import fill, rows

DEFERRED = (
    "CREATE TABLE other (id int PRIMARY KEY); "
    "CREATE TABLE checked (id int REFERENCES other DEFERRABLE INITIALLY DEFERRED); INSERT INTO checked VALUES (1)"
)


def run(db: ServerConnection, statement: str) -> None:
    db.cursor().execute(statement)


def commit_what_cannot_be(db: ServerConnection) -> None:
    run(db, DEFERRED)
    db.commit()


def copy_out(db: ServerConnection) -> None:
    with db.cursor() as cursor:
        cursor.copy_expert("COPY (SELECT 1 / (id - 3) FROM generate_series(1, 5) id) TO STDOUT", io.BytesIO())


def cut(db: ServerConnection) -> None:
    """End the connection in the middle of a COPY, without a word of the server."""

    class Cut:
        def write(self, row: bytes, /) -> int:
            # libpq hands over the rows that it has read already: the connection may be cut by then.
            with socket.socket(fileno=os.dup(db.fileno())) as connected, contextlib.suppress(OSError):
                connected.shutdown(socket.SHUT_RDWR)
            return len(row)

    with db.cursor() as cursor:
        cursor.copy_expert("COPY (SELECT repeat('x', 1000) FROM generate_series(1, 1000)) TO STDOUT", Cut())


def lose(db: ServerConnection) -> None:
    run(db, "SELECT pg_terminate_backend(pg_backend_pid())")


def use_closed(db: ServerConnection) -> None:
    db.close()
    run(db, "SELECT 1")


FAULTS = pytest.mark.parametrize(
    "fault",
    [
        lambda db: run(db, "SELECT nothing"),
        lambda db: run(db, "DROP ROLE postgres"),
        commit_what_cannot_be,
        copy_out,
        cut,
        lose,
        use_closed,
    ],
    ids=["column", "object", "commit", "copy", "cut", "lost", "closed"],
)


@FAULTS
@pytest.mark.parametrize("outer", [True, False])
def test_nested_blocks(laptop_url: str, cloud_url: str, fault: Callable[[ServerConnection], None], outer: bool) -> None:
    with (
        pytest.raises(JobError) as error,
        open_connection(laptop_url) as source,
        open_connection(cloud_url) as target,
    ):
        fault(source if outer else target)
    named, other = (laptop_url, cloud_url) if outer else (cloud_url, laptop_url)
    assert f"/{database_name(named)} " in str(error.value)
    assert database_name(other) not in str(error.value)
    assert isinstance(error.value.__cause__, psycopg2.Error)


@pytest.mark.parametrize("method", METHODS)
def test_nothing_advises_to_change_a_source(laptop_url: str, cloud_url: str, method: str) -> None:
    """The view divides by zero at some row: in the snapshot, in a worker's COPY, or in pg_dump."""
    fill(laptop_url, 40)
    execute(
        laptop_url,
        "ALTER TABLE imagenes_fer RENAME TO faces",
        "CREATE VIEW imagenes_fer AS SELECT id / (id - 30 + abs(id - 30) + (id < 30)::int + 0) * 0 + id AS id, "
        "filepath, emotion, vector FROM faces",
    )
    with pytest.raises(JobError) as error:
        migrate_table(laptop_url, cloud_url, method)
    message = str(error.value)
    assert database_name(laptop_url) in message and database_name(cloud_url) not in message
    assert "division by zero" in message and "put_aside" not in message and "drop" not in message.lower()
    assert rows(cloud_url) == []


def test_a_limit_of_the_server_is_not_a_lost_connection(laptop_url: str) -> None:
    with pytest.raises(JobError, match="canceled the statement") as error, open_connection(laptop_url) as db:
        run(db, "SET statement_timeout = 20; SELECT pg_sleep(30)")
    assert "due to statement timeout" in str(error.value) and "ALTER ROLE postgres SET" in str(error.value)
    assert database_name(laptop_url) in str(error.value)


END_IT = (
    "CREATE FUNCTION end_it() RETURNS {0} LANGUAGE plpgsql AS "
    "$$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN {1}; END $$"
)


def test_a_target_lost_in_the_middle_of_a_copy_is_named(laptop_url: str, cloud_url: str) -> None:
    """More rows than the pipe holds: the source's thread finds the pipe closed."""
    fill(laptop_url, 1000)
    execute(
        cloud_url,
        END_IT.format("trigger", "NEW"),
        CREATE_STAGING,
        "CREATE TRIGGER end_it BEFORE INSERT ON migrate_staging FOR EACH ROW WHEN (NEW.id = 100) "
        "EXECUTE FUNCTION end_it()",
    )
    with pytest.raises(JobError, match="closed the connection") as error:
        migrate_table(laptop_url, cloud_url)
    assert database_name(cloud_url) in str(error.value) and database_name(laptop_url) not in str(error.value)
    assert rows(cloud_url) == []


SLEEPING_COPY = """
COPY (
    SELECT id, filepath, emotion, CASE WHEN id = 100 AND pg_sleep(60)::text = '' THEN vector ELSE vector END
    FROM {} ORDER BY id
) TO STDOUT (FORMAT BINARY)
"""
END_SLEEPING = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE wait_event = 'PgSleep'"


def test_a_source_lost_in_the_middle_of_a_copy_is_named(
    laptop_url: str, cloud_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The source's COPY sleeps at its 100th row: it can only be lost in the middle."""
    fill(laptop_url, 200)
    monkeypatch.setattr(stream, "SEND", SLEEPING_COPY)
    with ThreadPoolExecutor(1) as pool:
        migrated = pool.submit(migrate_table, laptop_url, cloud_url)
        with open_connection(laptop_url) as db:
            db.autocommit = True  # pg_stat_activity stays as it was in a transaction
            assert wait_until(lambda: fetch_value(db, END_SLEEPING), every=0.05, at_most=30)
        with pytest.raises(JobError, match="closed the connection") as error:
            migrated.result()
    assert database_name(laptop_url) in str(error.value) and database_name(cloud_url) not in str(error.value)
    assert rows(cloud_url) == []
