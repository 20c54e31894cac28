"""`local psql`: the wheel's psql on one of the laptop's databases."""

import subprocess
import sys

import psutil
import pytest

from jobs.local.psql import psql_environment
from jobs.local.services import postgres_server
from jobs.target import Target
from tests.jobs.cli_process import LONGEST_SECONDS, run_jobs, wait_for, without_waits

WHERE = "SELECT current_database() || ' ' || inet_server_port()"


@pytest.mark.parametrize("server", ["laptop", "cloud"])
def test_it_opens_the_named_database(laptop: Target, server: str) -> None:
    done = run_jobs("local", "psql", server, "--command", WHERE)
    assert f"fer_vct {postgres_server(server).port()}" in done.stdout
    assert (done.returncode, without_waits(done.stderr)) == (0, [])


def test_the_laptops_is_the_default_and_a_failed_statement_is_an_exit_status(laptop: Target) -> None:
    assert f"fer_vct {postgres_server('laptop').port()}" in run_jobs("local", "psql", "-c", WHERE).stdout
    done = run_jobs("local", "psql", "-c", "SELECT 1/0")
    assert (done.returncode, "division by zero" in done.stderr) == (1, True)


def test_other_variables_of_libpq_do_not_lead_elsewhere(laptop: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"PGHOST": "192.0.2.1", "PGPORT": "1", "PGDATABASE": "other", "PGPASSWORD": "x"}.items():
        monkeypatch.setenv(name, value)
    assert f"fer_vct {postgres_server('laptop').port()}" in run_jobs("local", "psql", "-c", WHERE).stdout
    for name in ("PGHOSTADDR", "PGSERVICE", "PGOPTIONS"):
        monkeypatch.setenv(name, "elsewhere")
    assert "elsewhere" not in psql_environment("laptop").values()


def test_statements_from_a_file_are_read(laptop: Target) -> None:
    words = [sys.executable, "-m", "jobs", "local", "psql"]
    done = subprocess.run(words, input="SELECT 6 * 7;", capture_output=True, text=True, check=False)
    assert (done.returncode, "42" in done.stdout) == (0, True)


def test_the_password_is_on_no_command_line(laptop: Target) -> None:
    words = [sys.executable, "-m", "jobs", "local", "psql"]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        wait_for(lambda: bool(psql_command_lines(process.pid)), lambda: "psql was not started")
        (words,) = psql_command_lines(process.pid)
        assert str(postgres_server("laptop").login()["password"]) not in " ".join(words)
        process.communicate("\\q\n", timeout=LONGEST_SECONDS)
    assert process.returncode == 0


def psql_command_lines(pid: int) -> list[list[str]]:
    children = psutil.Process(pid).children(recursive=True)
    return [each.cmdline() for each in children if each.name().startswith("psql")]


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (["status", "cloud"], "status takes no SERVER or FILE"),
        (["up", "-c", "SELECT 1"], "--command is for psql, not for up"),
        (["psql", "moon"], "must be one of laptop, cloud"),
        (["psql", "--json"], "leave --json out"),
    ],
)
def test_what_cannot_be_combined_is_wrong_usage(arguments: list[str], part: str) -> None:
    done = run_jobs("local", *arguments)
    assert (done.returncode, part in done.stderr) == (2, True)
