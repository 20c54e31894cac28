"""run-pipeline: run a Data Factory pipeline, wait for it, and tell what each activity did."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jobs.pipeline.local_runner.run import run_locally
from jobs.pipeline.results import ActivityRun, PipelineRun, figures
from jobs.target import Target
from jobs.terminal import log

PIPELINE = "PL_Migrar_Datos_FER"


@dataclass(frozen=True, kw_only=True)
class PipelineResult:
    """`status` is Data Factory's (Succeeded, Failed, Cancelled); `error` is its message about the run, or None.

    `activities` have name, status, error and Azure's own keys: those of the output, and of an error.
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
    """What an activity came to: its figures, or its error as Data Factory tells it."""
    code, kind, target = (activity.get(key) for key in ("errorCode", "failureType", "target"))
    elsewhere = target if target != activity["name"] else None
    about = ", ".join(str(part) for part in (code and f"error {code}", kind, elsewhere and f"in {elsewhere}") if part)
    status = f"{activity['status']} ({about})" if about else activity["status"]
    more = activity["error"] or (figures(activity) if activity["status"] == "Succeeded" else "")
    return ", ".join(part for part in (status, more) if part)


def run_pipeline(target: Target, name: str, parameters: Mapping[str, str], stack_flags: str = "") -> PipelineResult:
    """Run the pipeline `name` of adf/ where the target says; `options` name its stack on the command line.

    Raises Failure when it cannot be started; one that ran and failed is a Result.
    """
    started = time.perf_counter()
    if target.pipeline_runner == "local":
        done = run_locally(target, name, parameters, progress=log)
    else:
        from jobs.pipeline.data_factory.run import run_on_azure  # Azure's client takes a second to import

        done = run_on_azure(target, name, parameters, stack_flags)
    return to_result(done, time.perf_counter() - started)


def to_result(done: PipelineRun, waited: float = 0.0) -> PipelineResult:
    return PipelineResult(
        pipeline=done.pipeline,
        run_id=done.run_id,
        status=done.status,
        seconds=round(waited if done.duration is None else done.duration, 3),
        activities=[activity_to_dict(activity) for activity in done.activities],
        error=done.error,
    )


def activity_to_dict(activity: ActivityRun) -> dict[str, Any]:
    own = {"name": activity.name, "status": activity.status, "error": activity.error}
    return {**activity.output, **activity.fault, **own}
