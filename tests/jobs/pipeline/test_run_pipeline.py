"""The command run-pipeline on Azure: a run that is started, followed, cancelled or rerun, and the exit status."""

import json
from pathlib import Path

import pytest

from tests.azure_fakes.cloud import Cloud
from tests.azure_fakes.data_factory import AGAIN, AT, FORBIDDEN, OUTPUTS, PIPELINE, ROWS, RUN, DataFactory, copied
from tests.fake_programs import Program
from tests.jobs.cli_process import jobs
from tests.jobs.pipeline.factory_requests import CANCEL, CREATE, asked


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
    output = json.loads(done.stdout)
    assert (output["pipeline"], output["run_id"], output["status"], output["seconds"]) == (
        PIPELINE,
        RUN,
        "Succeeded",
        28.105,
    )
    assert [(each["name"], each["status"]) for each in output["activities"]] == [
        ("Copy_Embeddings_PostgreSQL", "Succeeded"),
        ("Copy_Images_BlobStorage", "Succeeded"),
    ]
    assert (output["activities"][0]["rowsCopied"], output["activities"][1]["filesWritten"]) == (350, 350)
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
def test_a_run_that_exists(
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
    output = json.loads(done.stdout)
    assert (output["status"], output["run_id"], output["pipeline"]) == (*after, PIPELINE)
    assert path in asked(cloud)


def test_following_a_run_that_failed_is_exit_1(played: DataFactory, stack: list[str]) -> None:
    played.statuses = ["Failed"]
    assert jobs("run-pipeline", "--follow", RUN, *stack).returncode == 1


def test_a_run_that_does_not_exist(played: DataFactory, stack: list[str]) -> None:
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
def test_options_that_exclude_each_other_are_wrong_usage(
    cloud: Cloud, played: DataFactory, stack: list[str], wrong: list[str]
) -> None:
    done = jobs("run-pipeline", *wrong, *stack, "--json")
    assert done.returncode == 2
    assert wrong[0] in json.loads(done.stdout)["error"]
    assert cloud.asked == []
