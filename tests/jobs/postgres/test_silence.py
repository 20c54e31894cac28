"""A connection that stalls ends in a sentence, a server at work is waited for, and Ctrl-C ends a statement."""

import io
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urlsplit

import pytest

from jobs.errors import JobError
from jobs.interrupts import stop_signals_as_ctrl_c
from jobs.migrate.run import migrate_table
from jobs.postgres import silence
from jobs.postgres.connection import acquire_lock, open_connection
from jobs.target import Target
from tests.stalling_proxy import StallingProxy


@pytest.fixture
def proxy(laptop_url: str) -> Iterator[StallingProxy]:
    """A proxy in front of the laptop's server. It forwards all, until a test sets a fault."""
    opened = StallingProxy(urlsplit(laptop_url).port or 0)
    yield opened
    opened.close()


@pytest.fixture(autouse=True)
def short_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, seconds in {"SAY": 0.5, "GIVE_UP": 2.0, "ASK_AGAIN": 2.0, "PROBE": 2.0}.items():
        monkeypatch.setattr(silence, f"{name}_SECONDS", seconds)


@pytest.mark.parametrize("statement", ["SELECT repeat('x', 3000000)", "COPY (SELECT repeat('x', 3000000)) TO STDOUT"])
def test_a_connection_that_stalls_is_given_up(
    proxy: StallingProxy, laptop_url: str, statement: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with (
        pytest.raises(JobError, match=r"does not answer any more \(no byte for 2 s\).*same command again"),
        open_connection(proxy.url(laptop_url)) as db,
        db.cursor() as cursor,
    ):
        proxy.fault, proxy.at = "stall", 100_000
        if statement.startswith("COPY"):
            cursor.copy_expert(statement, io.BytesIO())
        cursor.execute(statement)
    assert "Waiting for PostgreSQL at 127.0.0.1" in capsys.readouterr().err


def test_the_server_keeps_no_lock_of_a_connection_that_was_given_up(proxy: StallingProxy, laptop_url: str) -> None:
    """It would wait for its client as long as what stands between takes no more of its answer."""
    with (
        pytest.raises(JobError, match="does not answer any more"),
        open_connection(proxy.url(laptop_url)) as db,
        db.cursor() as cursor,
    ):
        acquire_lock(db, "index")
        proxy.fault, proxy.at = "stall", 100_000
        cursor.execute("SELECT repeat('x', 50000000)")
    with open_connection(laptop_url) as db, db.cursor() as cursor:
        cursor.execute("SET statement_timeout = '10s'; SELECT pg_advisory_lock(hashtext('index'))")


def test_a_named_cursor_that_stalls_is_given_up(proxy: StallingProxy, laptop_url: str) -> None:
    with (
        pytest.raises(JobError, match="does not answer any more"),
        open_connection(proxy.url(laptop_url)) as db,
        db.cursor(name="rows") as cursor,
    ):
        cursor.execute("SELECT repeat('x', 1000) FROM generate_series(1, 20000)")
        proxy.fault, proxy.at = "stall", 100_000
        for _ in cursor:
            pass


def test_a_commit_that_stalls_is_given_up(proxy: StallingProxy, laptop_url: str) -> None:
    with pytest.raises(JobError, match="does not answer any more"), open_connection(proxy.url(laptop_url)) as db:
        db.cursor().execute("CREATE TABLE kept (id int)")
        proxy.fault = "stall"
        db.commit()


def test_a_server_at_work_is_waited_for(laptop_url: str) -> None:
    with open_connection(laptop_url) as db, db.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(6), 1")
        assert cursor.fetchone()[1] == 1


def test_a_slow_reader_is_not_a_silent_server(laptop_url: str) -> None:
    class SlowFile:
        def write(self, data: bytes) -> int:
            time.sleep(3)
            return len(data)

    with open_connection(laptop_url) as db, db.cursor() as cursor:
        cursor.copy_expert("COPY (SELECT 1) TO STDOUT", SlowFile())


def test_migrate_ends_when_its_source_stalls(proxy: StallingProxy, filled_url: str, target: Target) -> None:
    with pytest.raises(JobError, match="does not answer any more"):
        proxy.fault, proxy.at = "stall", 60_000
        migrate_table(proxy.url(filled_url), target)


def test_migrate_ends_when_its_target_stalls(proxy: StallingProxy, filled_url: str, target: Target) -> None:
    proxy.server, proxy.fault, proxy.at = target.postgres_port, "stall", 3_000
    with pytest.raises(JobError, match="does not answer any more"):
        migrate_table(filled_url, replace(target, postgres_port=proxy.port))


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signal to send to oneself")
@pytest.mark.parametrize("stalls", [False, True])
def test_ctrl_c_ends_a_statement(proxy: StallingProxy, laptop_url: str, stalls: bool) -> None:
    with (
        pytest.raises(KeyboardInterrupt),
        stop_signals_as_ctrl_c(),
        open_connection(proxy.url(laptop_url)) as db,
        db.cursor() as cursor,
    ):
        proxy.fault = "stall" if stalls else "none"
        threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT)).start()
        cursor.execute("SELECT pg_sleep(600)")
    with open_connection(laptop_url) as db, db.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep(600)%' AND state = 'active'"
        )
        assert stalls or cursor.fetchone() == (0,)
