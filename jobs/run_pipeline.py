"""run-pipeline: run a Data Factory pipeline, wait for it, and tell what each activity did."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jobs import factory
from jobs.target import Target
from jobs.terminal import say

PIPELINE = "PL_Migrar_Datos_FER"


@dataclass(frozen=True, kw_only=True)
class Result:
    """`status` is Data Factory's (Succeeded, Failed, ...); `activities` have name, status and Azure's output keys."""

    pipeline: str
    run_id: str
    status: str
    seconds: float
    activities: list[dict[str, Any]]

    def summary(self) -> str:
        lines = [f"{self.pipeline}: {self.status} ({self.seconds:.1f} s)"]
        for activity in self.activities:
            read = "{rowsCopied} rows" if "rowsCopied" in activity else "{filesWritten} files"
            did = read.format_map(activity) if activity["status"] == "Succeeded" else activity["error"] or ""
            lines.append(f"  {activity['name']}: {activity['status']}, {did}")
        return "\n".join(lines)


def run(target: Target, name: str, parameters: Mapping[str, str]) -> Result:
    """Run the pipeline `name` of adf/ where the target says.

    Raises Failure when it cannot be started; one that ran and failed is a Result.
    """
    started = time.perf_counter()
    if target.pipeline_runner == "local":
        done = factory.run(target, name, parameters, progress=say)
    else:
        from jobs import data_factory  # Azure's client takes a second to import

        done = data_factory.run(target, name, parameters, say)
    activities = [
        {**activity.output, "name": activity.name, "status": activity.status, "error": activity.error}
        for activity in done.activities
    ]
    return Result(
        pipeline=done.pipeline,
        run_id=done.run_id,
        status=done.status,
        seconds=round(time.perf_counter() - started, 3),
        activities=activities,
    )
