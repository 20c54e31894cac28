"""The runs of the local runner, kept on this computer as Data Factory keeps a factory's: `.local/runs/RUN_ID.json`."""

import json
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

from jobs.errors import ErrorKind, JobError
from jobs.pipeline.results import PipelineResult, RunSummary
from jobs.state import state_folder, write_atomically

MOST_RUNS = 200


def runs_folder() -> Path:
    return state_folder() / "runs"


def keep_run(result: PipelineResult, started: datetime) -> None:
    """Keep a run that has ended, and delete the oldest above MOST_RUNS."""
    file = runs_folder() / f"{result.run_id}.json"
    write_atomically(file, json.dumps({"start": started.isoformat(), "result": asdict(result)}, default=str))
    for old in sorted(runs_folder().glob("*.json"), key=lambda each: each.stat().st_mtime)[:-MOST_RUNS]:
        old.unlink(missing_ok=True)


def kept_runs(days: int) -> list[RunSummary]:
    """The runs of the last days, newest first. A file that is not one of ours is left out."""
    since = datetime.now(UTC) - timedelta(days=days)
    return [summarize(start, result) for start, result in read_runs() if start >= since]


def read_runs() -> list[tuple[datetime, PipelineResult]]:
    """All kept runs with their starts, newest first."""
    runs = [read_run(file) for file in runs_folder().glob("*.json")]
    return sorted(filter(None, runs), key=lambda each: each[0], reverse=True)


def kept_run(run_id: str) -> PipelineResult:
    """One run with its activities. Raises JobError if it is not here."""
    found = next(
        (run for file in runs_folder().glob("*.json") if file.stem == run_id and (run := read_run(file))), None
    )
    if found is None:
        message = f"This computer has kept no run {run_id}: `python -m jobs runs` lists those that it has."
        raise JobError(message, ErrorKind.not_found)
    return found[1]


def read_run(file: Path) -> tuple[datetime, PipelineResult] | None:
    """A run's start and result; None if the file does not hold them."""
    try:
        kept = json.loads(file.read_text(encoding="utf-8"))
        return datetime.fromisoformat(kept["start"]), PipelineResult(**kept["result"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def summarize(start: datetime, result: PipelineResult) -> RunSummary:
    return RunSummary(
        run_id=result.run_id,
        pipeline=result.pipeline,
        status=result.status,
        start=start.strftime("%Y-%m-%dT%H:%M:%SZ"),
        seconds=result.seconds,
        invoked_by="this computer",
        message=result.error,
    )
