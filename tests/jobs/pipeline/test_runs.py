"""The command runs: the list of a factory's runs."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from jobs.errors import JobError
from jobs.pipeline import runs
from jobs.target import Target
from tests.azure_fakes.cloud import Cloud, Response
from tests.azure_fakes.data_factory import DataFactory
from tests.azure_fakes.factory_answers import FACTORY_PATH, HOST, OUTPUTS, PIPELINE, RUN, pipeline_run
from tests.jobs.cli_process import run_jobs, without_waits, write_outputs

TARGET = Target.from_outputs(OUTPUTS, "pulumi up")


@pytest.fixture
def data_factory(data_factory: DataFactory) -> DataFactory:
    """A factory with three runs, in two pages."""
    data_factory.run_pages = [
        [pipeline_run("first", "2026-11-19T03:00:00Z", invokedBy={"name": "TR_Diario_FER"})],
        [
            pipeline_run("third", "2026-11-21T03:00:00Z", "InProgress", durationInMs=None),
            pipeline_run(
                "second", "2026-11-20T03:00:00.6257014+01:00", "Failed", message="Operation failed\nfor a reason"
            ),
        ],
    ]
    return data_factory


def test_every_page_is_read_and_the_newest_run_is_first(cloud: Cloud, data_factory: DataFactory) -> None:
    before = datetime.now(UTC)
    result = runs.list_runs(TARGET, days=7, limit=20)
    assert [run.run_id for run in result.runs] == ["third", "second", "first"]
    first, second = cloud.bodies("POST", "/queryPipelineRuns")
    assert cloud.requests[0].path == f"{FACTORY_PATH}/queryPipelineRuns"
    assert first["orderBy"] == [{"orderBy": "RunStart", "order": "DESC"}]
    since, until = (datetime.fromisoformat(first[f"lastUpdated{end}"]) for end in ("After", "Before"))
    assert timedelta(0) <= since - (before - timedelta(days=7)) < timedelta(minutes=1)
    assert until > before
    assert (second["continuationToken"], "filters" in first) == ("1", False)


def test_the_fields_of_a_run(data_factory: DataFactory) -> None:
    running, failed, done = runs.list_runs(TARGET, days=7, limit=20).runs
    assert (running.status, running.seconds, running.message) == ("InProgress", 0.0, None)
    assert (failed.start, failed.seconds, failed.invoked_by) == ("2026-11-20T02:00:00Z", 28.105, "Manual")
    assert (done.pipeline, done.invoked_by) == (PIPELINE, "TR_Diario_FER")
    assert failed.lines()[1:] == ["    Operation failed", "    for a reason"]


def test_the_limit_is_shown(data_factory: DataFactory) -> None:
    result = runs.list_runs(TARGET, days=3, limit=2)
    assert ([run.run_id for run in result.runs], result.found) == (["third", "second"], 3)
    assert result.summary().startswith("2 of 3 runs in the-factory in the last 3 days")


def test_no_runs_is_a_sentence(data_factory: DataFactory) -> None:
    data_factory.run_pages = [[]]
    assert runs.list_runs(TARGET, days=7, limit=20).summary() == "No runs in the-factory in the last 7 days."


def test_a_refusal_is_one_sentence(cloud: Cloud) -> None:
    cloud.services[HOST] = lambda request: Response(403, {"error": {"code": "AuthorizationFailed", "message": "No."}})
    with pytest.raises(JobError, match="role Data Factory Contributor"):
        runs.list_runs(TARGET, days=7, limit=20)


def test_the_command(data_factory: DataFactory, tmp_path: Path) -> None:
    outputs = str(write_outputs(tmp_path / "outputs.json", OUTPUTS))
    done = run_jobs("runs", "--outputs", outputs, "--limit", "1", "--json")
    assert (done.returncode, without_waits(done.stderr)) == (0, [])
    output = json.loads(done.stdout)
    assert (output["factory"], output["days"], output["found"], len(output["runs"])) == ("the-factory", 7, 3, 1)
    assert set(output["runs"][0]) == {"run_id", "pipeline", "status", "start", "seconds", "invoked_by", "message"}
    plain = run_jobs("runs", "--outputs", outputs)
    assert "2026-11-20T02:00:00Z  Failed" in plain.stdout and PIPELINE in plain.stdout


@pytest.mark.parametrize("wrong", [["--days", "0"], ["--days", "46"], ["--limit", "0"]])
def test_wrong_usage(wrong: list[str]) -> None:
    assert run_jobs("runs", *wrong).returncode == 2


@pytest.mark.parametrize(
    "arguments",
    [
        ["trigger", "status"],
        ["run-pipeline", "--follow", RUN],
        ["run-pipeline", "--cancel", RUN],
        ["run-pipeline", "--from-failure", RUN],
    ],
)
def test_the_laptop_has_no_factory(arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JOBS_LOCAL", str(tmp_path / "services"))
    done = run_jobs(*arguments, "--json")
    assert done.returncode == 1
    assert "--target STACK" in json.loads(done.stdout)["error"]
    assert not (tmp_path / "services").exists()
    of_a_file = write_outputs(tmp_path / "outputs.json", OUTPUTS | {"pipeline_runner": "local"})
    done = run_jobs(*arguments, "--outputs", str(of_a_file))
    assert (done.returncode, done.stdout) == (1, "")
    assert "--target STACK" in done.stderr


def test_a_run_of_the_factory_with_its_activities(data_factory: DataFactory, tmp_path: Path) -> None:
    outputs = str(write_outputs(tmp_path / "outputs.json", OUTPUTS))
    done = run_jobs("runs", "--run", RUN, "--outputs", outputs, "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["run_id"] == RUN
