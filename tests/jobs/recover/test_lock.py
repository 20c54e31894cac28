"""Locks: where they are, whose they are, and whether their owner can still be at work."""

import os
import socket
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import pytest

from jobs.recover.lock import Lock, find_locks, may_be_alive, parse_locks, state_path
from tests.jobs.cli_process import wait_for
from tests.jobs.recover.small_pulumi import SmallPulumi, ended_process


def lock(pid: int, host: str = "", time: datetime | None = None) -> Lock:
    return Lock("ana", host or socket.gethostname(), pid, (time or datetime.now(UTC)).isoformat())


def test_a_process_that_has_ended_is_not_alive() -> None:
    assert not may_be_alive(lock(ended_process()))


def test_a_running_process_may_be_the_owner() -> None:
    assert may_be_alive(lock(os.getpid()))


def test_a_process_that_started_after_the_lock_has_only_its_number() -> None:
    started = datetime.fromtimestamp(psutil.Process().create_time(), UTC)
    assert not may_be_alive(lock(os.getpid(), time=started - timedelta(hours=1)))


def test_nobody_knows_what_runs_on_another_machine() -> None:
    assert may_be_alive(lock(ended_process(), host="another-machine"))


def test_a_lock_without_a_time_may_be_alive() -> None:
    assert may_be_alive(Lock("ana", socket.gethostname(), os.getpid(), "unknown"))


@pytest.mark.skipif(os.name == "nt", reason="Windows has no process that ended and was not collected")
def test_a_process_that_ended_and_was_not_collected_is_not_alive() -> None:
    child = subprocess.Popen([sys.executable, "-c", ""])
    wait_for(lambda: psutil.Process(child.pid).status() == psutil.STATUS_ZOMBIE, lambda: "it runs")
    try:
        assert not may_be_alive(lock(child.pid))
    finally:
        child.wait()


def test_the_locks_of_a_state_in_a_folder_are_found(small_pulumi: SmallPulumi) -> None:
    assert find_locks("dev") == []
    small_pulumi.lock(17, "vm")
    (found,) = find_locks("organization/vector-lake/dev")
    assert found == Lock("ana", "vm", 17, "2026-11-26T01:49:15.771647974Z")
    assert str(found) == "the process 17 of ana on vm, since 2026-11-26T01:49:15"


def test_a_lock_that_nobody_can_read_is_one_of_nobody_known(small_pulumi: SmallPulumi) -> None:
    small_pulumi.lock(17).write_text("", encoding="utf-8")
    (found,) = find_locks("dev")
    assert may_be_alive(found) and found.user == "unknown"


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("file:///var/state", Path("/var/state")),
        ("file://~", Path.home()),
        ("file:///C:/Users/ana", Path("C:/Users/ana")),
        ("file:///with%20space", Path("/with space")),
        ("s3://bucket", None),
        ("https://api.pulumi.com", None),
        ("", None),
    ],
)
def test_the_folder_of_a_backend(url: str, path: Path | None) -> None:
    assert state_path(url) == path


def test_the_locks_that_an_error_names() -> None:
    text = (
        "error: the stack is currently locked by 2 lock(s). Either wait for the other process(es) to end or delete the "
        "lock file with `pulumi cancel`.\n  s3://b/.pulumi/locks/1.json: created by ana@vm (pid 3588) at "
        "2026-11-26T01:49:15Z\n  s3://b/.pulumi/locks/2.json: created by CORP\\ben@pc-2 (pid 4) at 2026-11-26T01:50:00Z"
    )
    assert parse_locks(text) == [
        Lock("ana", "vm", 3588, "2026-11-26T01:49:15Z"),
        Lock("CORP\\ben", "pc-2", 4, "2026-11-26T01:50:00Z"),
    ]
    (unnamed,) = parse_locks("error: [409] Conflict: Another update is currently in progress.")
    assert may_be_alive(unnamed) and str(unnamed) == "a process that Pulumi does not name"
