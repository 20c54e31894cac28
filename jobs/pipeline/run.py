"""run-pipeline: run a Data Factory pipeline, wait for it, and summarize each activity."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from jobs.pipeline.local_runs import record_run
from jobs.pipeline.results import ActivityRun, PipelineRun, summarize_output
from jobs.target import Target
from jobs.terminal import log


@dataclass(frozen=True, kw_only=True)
class PipelineResult:
    """`status` is Data Factory's (Succeeded, Failed, Cancelled); `error` is its message about the run, or None.

    `activities` have name, status, error and Azure's own keys: those of the output and of the error.
    """

    pipeline: str
    run_id: str
    status: str
    seconds: float
    activities: list[dict[str, Any]]
    error: str | None = None

    def summary(self) -> str:
        lines = [f"{self.pipeline}: {self.status} ({self.seconds:.1f} s)"]
        lines += [f"  {activity['name']}: {summarize_activity(activity)}" for activity in self.activities]
        if self.error and not any(activity["error"] for activity in self.activities):
            lines.append(f"  {self.error}")
        return "\n".join(lines)


def summarize_activity(activity: Mapping[str, Any]) -> str:
    """An activity's status, then how much it copied, or its error as Data Factory returns it."""
    code, kind, target = (activity.get(key) for key in ("errorCode", "failureType", "target"))
    other_target = target if target != activity["name"] else None
    details = [code and f"error {code}", kind, other_target and f"in {other_target}"]
    about = ", ".join(str(part) for part in details if part)
    status = f"{activity['status']} ({about})" if about else activity["status"]
    more = activity["error"] or (summarize_output(activity) if activity["status"] == "Succeeded" else "")
    return ", ".join(part for part in (status, more) if part)


def run_pipeline(target: Target, name: str, parameters: Mapping[str, str], stack_flags: str = "") -> PipelineResult:
    """Run the pipeline `name` of adf/ with the target's runner, local or Data Factory, and wait until it has ended.

    `stack_flags` are the flags that name the target's stack in the commands of messages. Raises JobError when the run
    cannot be started; a run that fails is a result.
    """
    started, clock = datetime.now(UTC), time.perf_counter()
    # Each runner is imported only where it runs: each takes about a second.
    if target.pipeline_runner == "local":
        from jobs.pipeline.local_runner.run import run_locally

        result = to_result(run_locally(target, name, parameters, progress=log), time.perf_counter() - clock)
        record_run(result, started)
        return result
    from jobs.pipeline.data_factory.run import run_on_azure

    return to_result(run_on_azure(target, name, parameters, stack_flags), time.perf_counter() - clock)


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
