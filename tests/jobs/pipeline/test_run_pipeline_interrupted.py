"""run-pipeline at a terminal: the table, and what Ctrl-C does to the wait and to the run."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.azure_fakes.cloud import Cloud, Response
from tests.azure_fakes.data_factory import DataFactory
from tests.azure_fakes.factory_answers import FILES, PIPELINE, ROWS, RUN
from tests.jobs.cli_process import COMMAND, LONGEST_SECONDS, Terminal, wait_for
from tests.jobs.pipeline.factory_requests import CANCEL, CREATE, requested_paths


def test_ctrl_c_without_a_terminal_leaves_the_run_running(
    cloud: Cloud, data_factory: DataFactory, outputs_option: list[str], tmp_path: Path
) -> None:
    data_factory.statuses = ["InProgress"]
    log = tmp_path / "stderr"
    with log.open("w") as stderr:
        process = subprocess.Popen(
            [sys.executable, "-c", COMMAND, "run-pipeline", *outputs_option, "--json"],
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
        assert f'`python -m jobs run-pipeline {option} {RUN} --outputs "{outputs_option[1]}"`' in sentence
    assert CANCEL not in requested_paths(cloud)


@pytest.fixture
def terminal(data_factory: DataFactory, outputs_option: list[str]) -> Iterator[Terminal]:
    """A terminal in which run-pipeline waits for a run."""
    data_factory.statuses = ["InProgress"]
    data_factory.activity_pages = [
        [ROWS],
        [{**FILES, "status": "InProgress", "durationInMs": None, "output": {"filesWritten": 1234}}],
    ]
    terminal = Terminal("run-pipeline", *outputs_option, "--json")
    yield terminal
    terminal.close()


def interrupt(terminal: Terminal) -> None:
    """Press Ctrl-C during the run, and wait for the question."""
    terminal.wait_for("1,234 files")
    terminal.interrupt()
    terminal.wait_for("go on waiting [w]?")


def test_a_table_is_shown_at_a_terminal(terminal: Terminal, data_factory: DataFactory) -> None:
    for text in (
        f"{PIPELINE}: run {RUN}",
        f"{PIPELINE}: InProgress",
        "Copy_Embeddings_PostgreSQL",
        "0:00:27",
        "350 rows",
    ):
        terminal.wait_for(text)
    terminal.wait_for("1,234 files")
    data_factory.statuses = ["Succeeded"]
    status, out = terminal.finish()
    assert (status, json.loads(out)["status"]) == (0, "Succeeded")


@pytest.mark.parametrize("answer", ["l\n", "\x04", "what?\nL\n"], ids=["l", "end of input", "asked again"])
def test_ctrl_c_leave(cloud: Cloud, terminal: Terminal, answer: str) -> None:
    interrupt(terminal)
    terminal.type(answer)
    status, out = terminal.finish()
    assert status == 130
    assert f"--follow {RUN}" in json.loads(out)["error"]
    assert CANCEL not in requested_paths(cloud)


def test_ctrl_c_twice_leaves(cloud: Cloud, terminal: Terminal) -> None:
    interrupt(terminal)
    terminal.interrupt()
    assert terminal.finish()[0] == 130
    assert CANCEL not in requested_paths(cloud)


def test_ctrl_c_cancel(
    cloud: Cloud, data_factory: DataFactory, terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(data_factory, "cancel", lambda request: data_factory.end_run("Cancelled"))
    interrupt(terminal)
    terminal.type("c\n")
    status, out = terminal.finish()
    assert (status, json.loads(out)["status"]) == (1, "Cancelled")
    assert requested_paths(cloud).count(CANCEL) == 1


def test_ctrl_c_cancel_comes_too_late(cloud: Cloud, data_factory: DataFactory, terminal: Terminal) -> None:
    refusal = Response(400, {"error": {"code": "BadRequest", "message": "The run has ended."}})
    data_factory.first_responses["/cancel"] = [refusal]
    interrupt(terminal)
    data_factory.statuses = ["Succeeded"]
    terminal.type("c\n")
    status, out = terminal.finish()
    assert (status, json.loads(out)["status"]) == (0, "Succeeded")
    assert "BadRequest: The run has ended" in terminal.screen


def test_ctrl_c_go_on(cloud: Cloud, data_factory: DataFactory, terminal: Terminal) -> None:
    interrupt(terminal)
    data_factory.statuses = ["Succeeded"]
    terminal.type("w\n")
    status, out = terminal.finish()
    assert (status, json.loads(out)["status"]) == (0, "Succeeded")
    assert (requested_paths(cloud).count(CREATE), CANCEL in requested_paths(cloud)) == (1, False)
