"""run-pipeline at a terminal: the table, and what Ctrl-C does to the wait and to the run."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.azure_fakes.cloud import Answer, Cloud
from tests.azure_fakes.data_factory import FILES, PIPELINE, ROWS, RUN, DataFactory
from tests.jobs.cli_process import COMMAND, LONGEST_SECONDS, Terminal, wait_for
from tests.jobs.pipeline.factory_requests import CANCEL, CREATE, asked


def test_ctrl_c_without_a_terminal_leaves_the_run_running(
    cloud: Cloud, played: DataFactory, stack: list[str], tmp_path: Path
) -> None:
    played.statuses = ["InProgress"]
    log = tmp_path / "stderr"
    with log.open("w") as stderr:
        process = subprocess.Popen(
            [sys.executable, "-c", COMMAND, "run-pipeline", *stack, "--json"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
        )
        wait_for(lambda: "Copy_Images_BlobStorage" in log.read_text(), log.read_text)
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=LONGEST_SECONDS)
    assert process.returncode == 130
    sentence = json.loads(out)["error"]
    assert log.read_text().splitlines()[-1] == sentence
    assert f"The run {RUN} goes on in Azure" in sentence
    for option in ("--follow", "--cancel"):
        assert f'`python -m jobs run-pipeline {option} {RUN} --outputs "{stack[1]}"`' in sentence
    assert CANCEL not in asked(cloud)


@pytest.fixture
def terminal(played: DataFactory, stack: list[str]) -> Iterator[Terminal]:
    """A terminal in which run-pipeline waits for a run."""
    played.statuses = ["InProgress"]
    played.pages = [[ROWS], [{**FILES, "status": "InProgress", "durationInMs": None, "output": {"filesWritten": 1234}}]]
    terminal = Terminal("run-pipeline", *stack, "--json")
    yield terminal
    terminal.close()


def interrupt(terminal: Terminal) -> None:
    """Press Ctrl-C during the run, and wait for the question."""
    terminal.wait("1,234 files")
    terminal.interrupt()
    terminal.wait("go on waiting [w]?")


def test_a_table_is_shown_at_a_terminal(terminal: Terminal, played: DataFactory) -> None:
    for text in (
        f"{PIPELINE}: run {RUN}",
        f"{PIPELINE}: InProgress",
        "Copy_Embeddings_PostgreSQL",
        "0:00:27",
        "350 rows",
    ):
        terminal.wait(text)
    terminal.wait("1,234 files")
    played.statuses = ["Succeeded"]
    status, out = terminal.end()
    assert (status, json.loads(out)["status"]) == (0, "Succeeded")


@pytest.mark.parametrize("answer", ["l\n", "\x04", "what?\nL\n"], ids=["l", "end of input", "asked again"])
def test_ctrl_c_leave(cloud: Cloud, terminal: Terminal, answer: str) -> None:
    interrupt(terminal)
    terminal.type(answer)
    status, out = terminal.end()
    assert status == 130
    assert f"--follow {RUN}" in json.loads(out)["error"]
    assert CANCEL not in asked(cloud)


def test_ctrl_c_twice_leaves(cloud: Cloud, terminal: Terminal) -> None:
    interrupt(terminal)
    terminal.interrupt()
    assert terminal.end()[0] == 130
    assert CANCEL not in asked(cloud)


def test_ctrl_c_cancel(cloud: Cloud, played: DataFactory, terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(played, "cancel", lambda request: played.ended("Cancelled"))
    interrupt(terminal)
    terminal.type("c\n")
    status, out = terminal.end()
    assert (status, json.loads(out)["status"]) == (1, "Cancelled")
    assert asked(cloud).count(CANCEL) == 1


def test_ctrl_c_cancel_comes_too_late(cloud: Cloud, played: DataFactory, terminal: Terminal) -> None:
    refusal = Answer(400, {"error": {"code": "BadRequest", "message": "The run has ended."}})
    played.first["/cancel"] = [refusal]
    interrupt(terminal)
    played.statuses = ["Succeeded"]
    terminal.type("c\n")
    status, out = terminal.end()
    assert (status, json.loads(out)["status"]) == (0, "Succeeded")
    assert "BadRequest: The run has ended" in terminal.screen


def test_ctrl_c_go_on(cloud: Cloud, played: DataFactory, terminal: Terminal) -> None:
    interrupt(terminal)
    played.statuses = ["Succeeded"]
    terminal.type("w\n")
    status, out = terminal.end()
    assert (status, json.loads(out)["status"]) == (0, "Succeeded")
    assert (asked(cloud).count(CREATE), CANCEL in asked(cloud)) == (1, False)
