"""The result of a pipeline run, with Data Factory's own statuses and output keys."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class ActivityRun:
    """One activity. `output` has Azure's keys; `duration` is in seconds.

    `status` is Succeeded, Failed, or, with 0 `attempts`, Skipped or Inactive. The duration covers all attempts and the
    waits between them. `error_details` has what Data Factory returns of an error besides its message:
    errorCode, failureType, target.
    """

    name: str
    status: str
    output: dict[str, Any]
    error: str | None
    attempts: int
    duration: float
    error_details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class PipelineRun:
    """A run. `status` is Succeeded, Failed or Cancelled once it has ended; `activities` are in the pipeline's order.

    `duration` is in seconds; None where the runner does not measure it.
    """

    pipeline: str
    run_id: str
    status: str
    activities: tuple[ActivityRun, ...]
    error: str | None
    duration: float | None = None


def summarize_output(output: Mapping[str, Any]) -> str:
    """How much a copy has written to its sink, such as "350 rows"; empty where its output does not say."""
    for key, unit in (("rowsCopied", "rows"), ("filesWritten", "files")):
        if isinstance(output.get(key), int):
            return f"{output[key]:,} {unit}"
    return ""


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


@dataclass(frozen=True, kw_only=True)
class RunSummary:
    """One run. `start` is in UTC; `seconds` is its duration so far; `invoked_by` is a trigger's name, or Manual."""

    run_id: str
    pipeline: str
    status: str
    start: str | None
    seconds: float
    invoked_by: str
    message: str | None

    def lines(self) -> list[str]:
        start = self.start or "not started"
        line = (
            f"{start:20}  {self.status:10}  {self.seconds:7,.0f} s  {self.run_id}  {self.pipeline}, {self.invoked_by}"
        )
        return [line, *(f"    {part}" for part in (self.message or "").splitlines())]
