"""Services that were killed are started again, with what they hold."""

import os
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest

from jobs.local.postmaster import find_postmaster
from jobs.local.services import laptop_url, local_outputs, service_status, storage_server
from jobs.wait import wait_until
from tests.processes import suspend_process


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGTERM if sys.platform == "win32" else signal.SIGKILL)


def test_a_killed_server_is_started_again_with_its_data(folder: Path) -> None:
    url = laptop_url()
    with psycopg2.connect(url) as db, db.cursor() as cursor:
        cursor.execute("CREATE TABLE kept AS SELECT 42 AS number")
    db.close()
    kill(find_postmaster(folder / "laptop/data").pid)
    url = laptop_url()
    with psycopg2.connect(url) as db, db.cursor() as cursor:
        cursor.execute("SELECT number FROM kept")
        assert cursor.fetchone() == (42,)
    db.close()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGSTOP")
def test_a_server_that_is_killed_while_a_command_waits_for_it_is_started_again(folder: Path) -> None:
    laptop_url()
    postmaster = find_postmaster(folder / "laptop/data")
    suspend_process(postmaster)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(laptop_url)
        assert not wait_until(waiting.done, every=0.1, at_most=2)
        kill(postmaster.pid)
        with closing(psycopg2.connect(waiting.result())) as db, db.cursor() as cursor:
            cursor.execute("SELECT 1")


def test_a_killed_storage_emulator_is_started_again_with_its_containers(folder: Path) -> None:
    local_outputs()
    process = storage_server().find_process()
    assert process is not None
    process.kill()
    process.wait()
    local_outputs()
    assert service_status().azurite


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGSTOP")
def test_a_storage_emulator_that_is_killed_while_a_command_waits_for_it_is_started_again(folder: Path) -> None:
    local_outputs()
    process = storage_server().find_process()
    suspend_process(process)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(local_outputs)
        assert not wait_until(waiting.done, every=0.1, at_most=2)
        process.kill()
        waiting.result()
    assert service_status().azurite
