"""doctor: a stack that an interrupted or failed `pulumi up` left behind."""

import os
import socket
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from jobs.doctor.interruption import check_interruption
from tests.fake_programs import FakeProgram
from tests.jobs.recover.small_pulumi import account_record, ended_process

COMMAND = "python -m jobs recover --target dev"
OPERATION = {"type": "creating", "resource": account_record()}


@pytest.fixture
def pulumi(programs: Path) -> FakeProgram:
    return FakeProgram(programs, "pulumi")


def set_state(pulumi: FakeProgram, **more: Any) -> None:
    pulumi.set_output("stack export", {"version": 3, "deployment": {"resources": [], **more}})


def write_lock(pulumi: FakeProgram, folder: Path, pid: int) -> None:
    file = folder / ".pulumi/locks/organization/vector-lake/dev/1.json"
    file.parent.mkdir(parents=True)
    owner = (
        f'{{"pid": {pid}, "username": "ana", "hostname": "{socket.gethostname()}", "timestamp": "{datetime.now(UTC)}"}}'
    )
    file.write_text(owner, encoding="utf-8")
    pulumi.set_output("whoami --json", {"url": f"file://{folder}"})
    set_state(pulumi)


def test_pending_operations_are_a_problem(pulumi: FakeProgram) -> None:
    set_state(pulumi, pending_operations=[OPERATION])
    (check,) = check_interruption("dev")
    assert (check.status, check.message) == ("problem", "Pulumi was interrupted in 1 operation.")
    assert check.fix == COMMAND


def test_the_lock_of_a_process_that_has_ended_is_a_problem(pulumi: FakeProgram, tmp_path: Path) -> None:
    write_lock(pulumi, tmp_path, ended_process())
    (check,) = check_interruption("dev")
    assert check.status == "problem" and "which has ended" in check.message and check.fix == COMMAND


def test_the_lock_of_a_process_that_runs_is_named(pulumi: FakeProgram, tmp_path: Path) -> None:
    write_lock(pulumi, tmp_path, os.getpid())
    (check,) = check_interruption("dev")
    assert check.status == "problem" and f"the process {os.getpid()}" in check.message
    assert check.fix == f"{COMMAND} --yes"


def test_a_state_that_pulumi_cannot_read_is_a_problem(pulumi: FakeProgram) -> None:
    pulumi.set_output("stack export", status=255, err="error: failed to load checkpoint: EOF\n")
    (check,) = check_interruption("dev")
    assert check.status == "problem" and "EOF" in check.message and check.fix == COMMAND


@pytest.mark.parametrize(
    ("kind", "result", "found"),
    [("update", "failed", ["warning"]), ("update", "succeeded", []), ("destroy", "failed", [])],
)
def test_a_failed_up_is_a_warning(pulumi: FakeProgram, kind: str, result: str, found: list[str]) -> None:
    set_state(pulumi)
    pulumi.set_output("stack history --json", [{"kind": kind, "result": result}])
    assert [check.status for check in check_interruption("dev")] == found


def test_a_healthy_stack_and_no_stack_have_no_line(pulumi: FakeProgram) -> None:
    set_state(pulumi)
    assert check_interruption("dev") == []
    pulumi.set_output("stack export", status=255, err="error: no stack named 'dev' found\n")
    assert check_interruption("dev") == []
