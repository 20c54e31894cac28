"""The command run-pipeline on Azure: a run that is started, followed, cancelled or rerun, and the exit status."""

import json
from pathlib import Path

import pytest

from tests.azure_fakes.cloud import Cloud
from tests.azure_fakes.data_factory import DataFactory
from tests.azure_fakes.factory_answers import FACTORY_PATH, FORBIDDEN, OUTPUTS, PIPELINE, RERUN, ROWS, RUN, activity_run
from tests.fake_programs import FakeProgram
from tests.jobs.cli_process import run_jobs, without_waits
from tests.jobs.pipeline.factory_requests import CANCEL, CREATE, requested_paths


@pytest.mark.parametrize("command", ["run-pipeline", "runs", "trigger"])
def test_help_has_an_example(command: str) -> None:
    assert f"Example: python -m jobs {command} " in " ".join(run_jobs(command, "--help").stdout.split())


def test_a_run_of_a_stack(cloud: Cloud, data_factory: DataFactory, programs: Path) -> None:
    pulumi = FakeProgram(programs, "pulumi")
    pulumi.set_output("stack output", OUTPUTS)
    done = run_jobs("run-pipeline", "-p", "prefijoRuta=raw/x/", "--target", "dev", "--json")
    assert done.returncode == 0
    assert pulumi.calls() == [["stack", "output", "--json", "--show-secrets", "--stack", "dev"]]
    assert cloud.requests[0].path == CREATE
    assert cloud.requests[0].body["prefijoRuta"] == "raw/x/"
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


def test_a_failed_run(data_factory: DataFactory, outputs_option: list[str]) -> None:
    data_factory.statuses = ["Failed"]
    data_factory.activity_pages = [[ROWS, activity_run("Copy_Images_BlobStorage", "Failed", error=FORBIDDEN)]]
    done = run_jobs("run-pipeline", *outputs_option)
    assert done.returncode == 1
    assert f"{PIPELINE}: Failed" in done.stdout
    assert "Copy_Images_BlobStorage: Failed (error 2200, UserError), ErrorCode=AdlsGen2OperationFailed" in done.stdout


@pytest.mark.parametrize(
    ("option", "before", "path", "after"),
    [
        ("--follow", ["Succeeded"], f"{FACTORY_PATH}/pipelineruns/{RUN}", ("Succeeded", RUN)),
        ("--cancel", ["InProgress"], CANCEL, ("Cancelled", RUN)),
        ("--from-failure", ["Failed"], CREATE, ("Succeeded", RERUN)),
    ],
)
def test_a_run_that_exists(
    cloud: Cloud,
    data_factory: DataFactory,
    outputs_option: list[str],
    monkeypatch: pytest.MonkeyPatch,
    option: str,
    before: list[str],
    path: str,
    after: tuple[str, str],
) -> None:
    data_factory.statuses = before
    monkeypatch.setattr(data_factory, "cancel", lambda request: data_factory.end_run("Cancelled"))
    monkeypatch.setattr(data_factory, "create", lambda request: data_factory.end_run("Succeeded", RERUN))
    done = run_jobs("run-pipeline", option, RUN, *outputs_option, "--json")
    assert done.returncode == 0, done.stderr
    output = json.loads(done.stdout)
    assert (output["status"], output["run_id"], output["pipeline"]) == (*after, PIPELINE)
    assert path in requested_paths(cloud)


def test_following_a_run_that_failed_is_exit_1(data_factory: DataFactory, outputs_option: list[str]) -> None:
    data_factory.statuses = ["Failed"]
    assert run_jobs("run-pipeline", "--follow", RUN, *outputs_option).returncode == 1


def test_a_run_that_does_not_exist(data_factory: DataFactory, outputs_option: list[str]) -> None:
    done = run_jobs("run-pipeline", "--follow", "another", *outputs_option)
    assert (done.returncode, done.stdout) == (1, "")
    assert (
        f'There is no run another in the factory the-factory of the-group: `python -m jobs runs {outputs_option[0]} "'
        in (done.stderr)
    )


def test_without_a_login_there_is_one_sentence_and_no_log(
    data_factory: DataFactory, outputs_option: list[str], az: FakeProgram
) -> None:
    az.set_output("account get-access-token", status=1, err="ERROR: Please run 'az login' to setup account.")
    done = run_jobs("run-pipeline", "--follow", RUN, *outputs_option)
    assert (done.returncode, done.stdout) == (1, "")
    (sentence,) = without_waits(done.stderr)
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
    cloud: Cloud, data_factory: DataFactory, outputs_option: list[str], wrong: list[str]
) -> None:
    done = run_jobs("run-pipeline", *wrong, *outputs_option, "--json")
    assert done.returncode == 2
    assert wrong[0] in json.loads(done.stdout)["error"]
    assert cloud.requests == []
