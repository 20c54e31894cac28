"""run-pipeline: run a Data Factory pipeline, wait for it, and summarize each activity."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from jobs.pipeline.results import ActivityRun, PipelineResult, PipelineRun, summarize_activity
from jobs.target import Target
from jobs.terminal import log

__all__ = ["PipelineResult", "run_pipeline", "summarize_activity", "to_result"]


def run_pipeline(target: Target, name: str, parameters: Mapping[str, str], stack_flags: str = "") -> PipelineResult:
    """Run the pipeline `name` of adf/ with the target's runner, local or Data Factory, and wait until it has ended.

    `stack_flags` are the flags that name the target's stack in the commands of messages. Raises JobError when the run
    cannot be started; a run that fails is a result.
    """
    started, start = time.perf_counter(), datetime.now(UTC)
    # Each runner is imported only where it runs: each takes about a second.
    if target.pipeline_runner == "local":
        from jobs.local.emulator import save_written
        from jobs.pipeline.history import keep_run
        from jobs.pipeline.local_runner.run import run_locally
        from jobs.postgres.connection import open_connection
        from jobs.postgres.roles import grant_rights

        with open_connection(target) as db:  # tables that an older version made, or somebody else
            grant_rights(db)
            db.commit()
        run = run_locally(target, name, parameters, progress=log)
        if run.status == "Succeeded":
            save_written(target.lake_url)
        result = to_result(run, time.perf_counter() - started)
        keep_run(result, start)
        return result
    from jobs.pipeline.data_factory.run import run_on_azure

    run = run_on_azure(target, name, parameters, stack_flags)
    return to_result(run, time.perf_counter() - started)


def to_result(run: PipelineRun, elapsed: float = 0.0) -> PipelineResult:
    """The result to print. `elapsed` seconds count where the runner does not measure the duration."""
    return PipelineResult(
        pipeline=run.pipeline,
        run_id=run.run_id,
        status=run.status,
        seconds=round(elapsed if run.duration is None else run.duration, 3),
        activities=[activity_to_dict(activity) for activity in run.activities],
        error=run.error,
    )


def activity_to_dict(activity: ActivityRun) -> dict[str, Any]:
    own = {"name": activity.name, "status": activity.status, "error": activity.error}
    return {**activity.output, **activity.error_details, **own}
