"""run-pipeline on Azure as a program and as a person at a terminal meet it."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.azure.cloud import Answer, Cloud
from tests.azure.data_factory import (
    AGAIN,
    AT,
    FILES,
    FORBIDDEN,
    OUTPUTS,
    PIPELINE,
    ROWS,
    RUN,
    DataFactory,
    copied,
)
from tests.azure.programs import Program
from tests.azure.terminals import COMMAND, LONGEST_SECONDS, Terminal, jobs, until, written

CREATE = f"{AT}/pipelines/{PIPELINE}/createRun"
CANCEL = f"{AT}/pipelineruns/{RUN}/cancel"


@pytest.fixture
def stack(tmp_path: Path) -> list[str]:
    """The stack's outputs as options."""
    return ["--outputs", str(written(tmp_path / "outputs.json", OUTPUTS))]


def asked(cloud: Cloud) -> list[str]:
    return [each.path for each in cloud.asked]


@pytest.mark.parametrize("command", ["run-pipeline", "runs", "trigger"])
def test_help_has_an_example(command: str) -> None:
    assert f"Example: python -m jobs {command} " in " ".join(jobs(command, "--help").stdout.split())


def test_a_run_of_a_stack(cloud: Cloud, played: DataFactory, programs: Path) -> None:
    pulumi = Program(programs, "pulumi")
    pulumi.says("stack output", OUTPUTS)
    done = jobs("run-pipeline", "-p", "prefijoRuta=raw/x/", "--target", "dev", "--json")
    assert done.returncode == 0
    assert pulumi.calls() == [["stack", "output", "--json", "--show-secrets", "--stack", "dev"]]
    assert cloud.asked[0].path == CREATE
    assert cloud.asked[0].body["prefijoRuta"] == "raw/x/"
    told = json.loads(done.stdout)
    assert (told["pipeline"], told["run_id"], told["status"], told["seconds"]) == (PIPELINE, RUN, "Succeeded", 28.105)
    assert [(each["name"], each["status"]) for each in told["activities"]] == [
        ("Copy_Embeddings_PostgreSQL", "Succeeded"),
        ("Copy_Images_BlobStorage", "Succeeded"),
    ]
    assert (told["activities"][0]["rowsCopied"], told["activities"][1]["filesWritten"]) == (350, 350)
    assert f"{PIPELINE}: run {RUN}" in done.stderr.splitlines()


def test_a_failed_run(played: DataFactory, stack: list[str]) -> None:
    played.statuses = ["Failed"]
    played.pages = [[ROWS, copied("Copy_Images_BlobStorage", "Failed", error=FORBIDDEN)]]
    done = jobs("run-pipeline", *stack)
    assert done.returncode == 1
    assert f"{PIPELINE}: Failed" in done.stdout
    assert "Copy_Images_BlobStorage: Failed (error 2200, UserError), ErrorCode=AdlsGen2OperationFailed" in done.stdout


@pytest.mark.parametrize(
    ("option", "before", "path", "after"),
    [
        ("--follow", ["Succeeded"], f"{AT}/pipelineruns/{RUN}", ("Succeeded", RUN)),
        ("--cancel", ["InProgress"], CANCEL, ("Cancelled", RUN)),
        ("--from-failure", ["Failed"], CREATE, ("Succeeded", AGAIN)),
    ],
)
def test_a_run_that_is_there(
    cloud: Cloud,
    played: DataFactory,
    stack: list[str],
    monkeypatch: pytest.MonkeyPatch,
    option: str,
    before: list[str],
    path: str,
    after: tuple[str, str],
) -> None:
    played.statuses = before
    monkeypatch.setattr(played, "cancel", lambda request: played.ended("Cancelled"))
    monkeypatch.setattr(played, "create", lambda request: played.ended("Succeeded", AGAIN))
    done = jobs("run-pipeline", option, RUN, *stack, "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["status"], told["run_id"], told["pipeline"]) == (*after, PIPELINE)
    assert path in asked(cloud)


def test_following_a_run_that_failed_is_exit_1(played: DataFactory, stack: list[str]) -> None:
    played.statuses = ["Failed"]
    assert jobs("run-pipeline", "--follow", RUN, *stack).returncode == 1


def test_a_run_that_is_not_there(played: DataFactory, stack: list[str]) -> None:
    done = jobs("run-pipeline", "--follow", "another", *stack)
    assert (done.returncode, done.stdout) == (1, "")
    assert f'There is no run another in the factory the-factory of the-group: `python -m jobs runs {stack[0]} "' in (
        done.stderr
    )


def test_without_a_login_there_is_one_sentence_and_no_log(played: DataFactory, stack: list[str], az: Program) -> None:
    az.says("account get-access-token", status=1, err="ERROR: Please run 'az login' to setup account.")
    done = jobs("run-pipeline", "--follow", RUN, *stack)
    assert (done.returncode, done.stdout) == (1, "")
    (sentence,) = done.stderr.splitlines()
    assert "`az login`" in sentence


@pytest.mark.parametrize(
    "wrong",
    [
        ["--follow", RUN, "--cancel", RUN],
        ["--cancel", RUN, "--from-failure", RUN],
        ["--follow", RUN, "-p", "a=b"],
        ["--from-failure", RUN, "-p", "a=b"],
        ["--cancel", RUN, PIPELINE],
        ["--follow", ""],
        ["--from-failure", " "],
    ],
)
def test_what_excludes_each_other_is_wrong_usage(
    cloud: Cloud, played: DataFactory, stack: list[str], wrong: list[str]
) -> None:
    done = jobs("run-pipeline", *wrong, *stack, "--json")
    assert done.returncode == 2
    assert wrong[0] in json.loads(done.stdout)["error"]
    assert cloud.asked == []


def test_ctrl_c_without_a_terminal_leaves_the_run(
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
        until(lambda: "Copy_Images_BlobStorage" in log.read_text(), log.read_text)
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
    """A person who watches a run."""
    played.statuses = ["InProgress"]
    played.pages = [[ROWS], [{**FILES, "status": "InProgress", "durationInMs": None, "output": {"filesWritten": 1234}}]]
    terminal = Terminal("run-pipeline", *stack, "--json")
    yield terminal
    terminal.close()


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
    terminal.wait("1,234 files")
    terminal.interrupt()
    terminal.wait("go on waiting [w]?")
    terminal.type(answer)
    status, out = terminal.end()
    assert status == 130
    assert f"--follow {RUN}" in json.loads(out)["error"]
    assert CANCEL not in asked(cloud)


def test_ctrl_c_twice_leaves(cloud: Cloud, terminal: Terminal) -> None:
    terminal.wait("1,234 files")
    terminal.interrupt()
    terminal.wait("go on waiting [w]?")
    terminal.interrupt()
    assert terminal.end()[0] == 130
    assert CANCEL not in asked(cloud)


def test_ctrl_c_cancel(cloud: Cloud, played: DataFactory, terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(played, "cancel", lambda request: played.ended("Cancelled"))
    terminal.wait("1,234 files")
    terminal.interrupt()
    terminal.wait("go on waiting [w]?")
    terminal.type("c\n")
    status, out = terminal.end()
    assert (status, json.loads(out)["status"]) == (1, "Cancelled")
    assert asked(cloud).count(CANCEL) == 1


def test_ctrl_c_cancel_comes_too_late(cloud: Cloud, played: DataFactory, terminal: Terminal) -> None:
    refusal = Answer(400, {"error": {"code": "BadRequest", "message": "The run has ended."}})
    played.first["/cancel"] = [refusal]
    terminal.wait("1,234 files")
    terminal.interrupt()
    terminal.wait("go on waiting [w]?")
    played.statuses = ["Succeeded"]
    terminal.type("c\n")
    status, out = terminal.end()
    assert (status, json.loads(out)["status"]) == (0, "Succeeded")
    assert "BadRequest: The run has ended" in terminal.seen


def test_ctrl_c_go_on(cloud: Cloud, played: DataFactory, terminal: Terminal) -> None:
    terminal.wait("1,234 files")
    terminal.interrupt()
    terminal.wait("go on waiting [w]?")
    played.statuses = ["Succeeded"]
    terminal.type("w\n")
    status, out = terminal.end()
    assert (status, json.loads(out)["status"]) == (0, "Succeeded")
    assert (asked(cloud).count(CREATE), CANCEL in asked(cloud)) == (1, False)
