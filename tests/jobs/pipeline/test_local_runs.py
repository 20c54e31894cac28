"""runs on a laptop: the last 50 runs of the local runner."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from jobs.entry import main
from jobs.pipeline import DEFAULT_PIPELINE
from jobs.pipeline.local_runs import KEPT, read_runs, record_run, runs_file
from jobs.pipeline.run import PipelineResult
from jobs.target import Target


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("JOBS_LOCAL", str(tmp_path / "state"))
    return tmp_path / "state"


def result(number: int) -> PipelineResult:
    return PipelineResult(pipeline="P", run_id=str(number), status="Succeeded", seconds=1.0, activities=[])


def test_a_run_of_the_laptop_is_listed(laptop: Target, capsys: pytest.CaptureFixture[str]) -> None:
    main(["run-pipeline", "--json"])
    run = json.loads(capsys.readouterr().out)
    assert main(["runs", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert (listed["factory"], listed["runs"][0]["run_id"]) == ("this laptop", run["run_id"])
    assert (listed["runs"][0]["pipeline"], listed["runs"][0]["status"]) == (DEFAULT_PIPELINE, run["status"])


def test_the_latest_are_kept_and_old_ones_are_not_listed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for number in range(KEPT + 2):
        record_run(result(number), datetime.now(UTC) - timedelta(days=30 if number < 5 else 0))
    assert [run["run_id"] for run in read_runs()] == [str(number) for number in range(2, KEPT + 2)]
    assert main(["runs", "--json", "--limit", "2"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert (listed["found"], [run["run_id"] for run in listed["runs"]]) == (KEPT - 3, ["51", "50"])


def test_a_damaged_list_starts_again(folder: Path) -> None:
    folder.mkdir()
    runs_file().write_text('{"cut')
    assert read_runs() == []
    record_run(result(1), datetime.now(UTC))
    assert len(read_runs()) == 1
