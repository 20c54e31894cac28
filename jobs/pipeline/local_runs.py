"""The last runs of the local runner: a file of the state folder, so that `runs` works on a laptop too."""

import json
import os
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from jobs import PROJECT
from jobs.errors import ErrorKind, JobError
from jobs.pipeline.run_summary import RunsResult, RunSummary
from jobs.state import exclusive_lock, state_folder, write_atomically

KEPT = 50
LAPTOP = "this laptop"


def runs_file() -> Path:
    """The file. It creates no folder: a look at it must leave nothing behind."""
    return Path(os.environ.get("JOBS_LOCAL", PROJECT / ".local")).resolve() / "pipeline_runs.json"


def record_run(result: Any, started: datetime) -> None:
    """Keep a run, a dataclass with the fields of PipelineResult, and the latest KEPT of all."""
    run = {"start": started.strftime("%Y-%m-%dT%H:%M:%SZ"), **asdict(result)}
    state_folder()
    with exclusive_lock("pipeline_runs.lock", "Another command has been writing the list of runs"):
        write_atomically(runs_file(), json.dumps([*read_runs(), run][-KEPT:], indent=1, default=str))


def read_runs() -> list[dict[str, Any]]:
    """The kept runs, oldest first, as `--json` of run-pipeline and `start`. None of a file that is damaged."""
    try:
        runs = json.loads(runs_file().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    return [run for run in runs if isinstance(run, dict)] if isinstance(runs, list) else []


def list_local_runs(days: int, limit: int) -> RunsResult:
    """The latest runs of this laptop, newest first. Raises JobError where there is none yet."""
    kept = read_runs()
    if not kept:
        raise JobError(
            "No pipeline has run on this laptop yet: `python -m jobs run-pipeline` runs one, and `--target STACK` "
            "lists those of a stack on Azure.",
            ErrorKind.not_found,
        )
    since = (datetime.now(UTC) - timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")
    runs = [to_summary(run) for run in reversed(kept) if str(run.get("start")) >= since]
    return RunsResult(factory=LAPTOP, days=days, found=len(runs), runs=runs[:limit])


def to_summary(run: dict[str, Any]) -> RunSummary:
    return RunSummary(
        run_id=str(run.get("run_id")),
        pipeline=str(run.get("pipeline")),
        status=str(run.get("status")),
        start=run.get("start"),
        seconds=float(run.get("seconds") or 0),
        invoked_by="Manual",
        message=run.get("error"),
    )
