"""The runs of the local runner, kept on this computer and listed as a factory's."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from jobs.pipeline import history
from jobs.pipeline.results import PipelineResult
from jobs.pipeline.run import run_pipeline
from jobs.target import Target
from tests.jobs.cli_process import run_jobs


def result(run_id: str, status: str = "Succeeded") -> PipelineResult:
    activity = {"name": "Copy", "status": status, "error": None, "rowsCopied": 3}
    return PipelineResult(pipeline="PL", run_id=run_id, status=status, seconds=1.5, activities=[activity])


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JOBS_LOCAL", str(tmp_path))


def test_runs_are_listed_newest_first_and_one_is_shown(folder: None) -> None:
    now = datetime.now(UTC)
    for number, run_id in enumerate(("old", "middle", "new")):
        history.keep_run(result(run_id), now - timedelta(days=9 - 4 * number))
    done = run_jobs("runs", "--json")
    listed = json.loads(done.stdout)
    assert [run["run_id"] for run in listed["runs"]] == ["new", "middle"] and listed["factory"] == "this computer"
    assert "Copy: Succeeded, 3 rows" in run_jobs("runs", "--run", "old").stdout
    for wrong in ("gone", "../outputs", ""):
        failed = run_jobs("runs", "--run", wrong)
        assert failed.returncode == 1 and "python -m jobs runs" in failed.stderr


def test_only_the_latest_runs_are_kept_and_what_is_not_one_is_left_out(
    folder: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "MOST_RUNS", 3)
    for number in range(5):
        history.keep_run(result(str(number)), datetime.now(UTC))
    assert len(list(history.runs_folder().glob("*.json"))) == 3
    (history.runs_folder() / "half.json").write_text("{")
    assert len(history.kept_runs(1)) == 3


def test_a_local_run_is_kept_with_its_activities(target: Target) -> None:
    ended = run_pipeline(target, "PL_Migrar_Datos_FER", {})
    kept = history.kept_run(ended.run_id)
    assert kept == ended and len(kept.activities) == 2
