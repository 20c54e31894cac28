"""doctor on a machine without programs, login or network."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.infra.configuration import ROOT
from tests.jobs.cli_process import without_waits
from tests.jobs.student import DoctorCli


def run_bare(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command with an empty PATH and HOME, and a proxy that does not answer."""
    environment = {"PATH": str(folder), "HOME": str(folder), "USERPROFILE": str(folder), "HTTPS_PROXY": "127.0.0.1:9"}
    kept = {name: value for name, value in os.environ.items() if name in ("SYSTEMROOT", "TEMP", "TMPDIR")}
    command = [sys.executable, "-m", "jobs", *arguments]
    return subprocess.run(
        command, cwd=ROOT, env=kept | environment, capture_output=True, text=True, check=False, timeout=60
    )


def test_with_nothing_configured_it_is_one_screen_and_exit_1(tmp_path: Path) -> None:
    done = run_bare(tmp_path, "doctor", "--target", "dev")
    assert done.returncode == 1
    assert without_waits(done.stderr) == []
    assert len(done.stdout.splitlines()) <= 24
    for text in ("The Pulumi CLI is not installed", "The Azure CLI is not installed", "2 problems to fix"):
        assert text in done.stdout
    assert len([line for line in done.stdout.splitlines() if line.startswith("skipped")]) == 1


@pytest.mark.parametrize("name", ["list", "preflight"])
def test_with_nothing_configured_the_models_are_one_sentence(tmp_path: Path, name: str) -> None:
    done = run_bare(tmp_path, "models", name)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert "`az login`" in done.stderr


def test_a_login_without_a_network_is_a_problem(student: DoctorCli, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    status, checks = student.doctor()
    assert status == 1
    assert checks["subscription"]["status"] == "problem"
    assert "does not answer" in checks["subscription"]["message"]
    assert checks["azure"]["status"] == "skipped"


def test_a_missing_login_is_reported_with_the_command(student: DoctorCli) -> None:
    student.az.set_output("account show", status=1, err="ERROR: Please run 'az login' to setup account.")
    status, checks = student.doctor()
    assert status == 1
    assert checks["azure login"]["fix"] == "az login"
    assert not student.cloud.requests
