"""A program that hangs is waited for with a line, and ended with those that it has started."""

import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from jobs import notice, stack
from jobs.azure.account import signed_in_account
from jobs.errors import ErrorKind, JobError
from jobs.programs import run_program
from jobs.target import load_target
from tests.fake_programs import FakeProgram
from tests.jobs.cli_process import wait_for

# It starts another program, which holds its output open as a shim's does, and notice for ever.
HANGS = """#!{python}
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
open({pids!r}, "a").write(str(child.pid) + "\\n")
time.sleep(600)
"""


def make_hanging(program: Path) -> Path:
    """Write a program that hangs. Returns the file with the ids of those that it starts."""
    pids = program.with_suffix(".pids")
    program.write_text(HANGS.format(python=sys.executable, pids=str(pids)))
    program.chmod(0o755)
    return pids


def running(pids: Path) -> list[int]:
    """Those of them that run: a zombie does not."""
    return [pid for pid in map(int, pids.read_text().split()) if is_running(pid)]


def is_running(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() not in (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD)
    except psutil.NoSuchProcess:
        return False


@pytest.fixture(autouse=True)
def quick_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notice, "FIRST_SECONDS", 0.1)


def test_a_pulumi_that_hangs_has_a_line_and_an_end(
    programs: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pids = make_hanging(programs / "pulumi")
    monkeypatch.setattr(stack, "READ_SECONDS", 1.5)
    with pytest.raises(
        JobError, match=r"`pulumi stack output` has not ended within 1\.5 s: run `pulumi stack"
    ) as error:
        load_target("dev")
    assert error.value.kind is ErrorKind.unavailable
    assert "--show-secrets" not in str(error.value)
    assert "Waiting for `pulumi stack output`, at most 1.5 s" in capsys.readouterr().err
    wait_for(lambda: running(pids) == [], lambda: f"{running(pids)} still run")


def test_an_azure_cli_that_hangs_is_as_one_without_a_login(programs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pids = make_hanging(programs / "az")
    monkeypatch.setattr("jobs.azure.account.PROGRAM_SECONDS", 1.5)
    assert signed_in_account() is None
    wait_for(lambda: running(pids) == [], lambda: f"{running(pids)} still run")


def test_a_program_that_answers_says_nothing_else(programs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    FakeProgram(programs, "pulumi").set_output("version", "v3.260.0\n", err="a warning")
    done = run_program([str(programs / "pulumi"), "version"], name="pulumi", at_most=60, advice="")
    assert (done.returncode, done.stdout, done.stderr) == (0, "v3.260.0\n", "a warning")


def test_ctrl_c_ends_a_program_that_does_not_end_by_itself(programs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pids = make_hanging(programs / "slow")
    monkeypatch.setattr("jobs.programs.STOP_SECONDS", 0.1)

    def interrupt(process: "subprocess.Popen[str]", given: str | None, timeout: float) -> tuple[str, str]:
        while not pids.exists() or not pids.read_text().endswith("\n"):
            psutil.Process(process.pid).status()
        raise KeyboardInterrupt

    monkeypatch.setattr(subprocess.Popen, "communicate", interrupt)
    with pytest.raises(KeyboardInterrupt):
        run_program([str(programs / "slow")], name="slow", at_most=60, advice="")
    wait_for(lambda: running(pids) == [], lambda: f"{running(pids)} still run")
