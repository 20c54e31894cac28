"""What a run of a pipeline came to, in Data Factory's own words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class ActivityRun:
    """One activity: `status` is Succeeded, Failed or Skipped, `output` has Azure's keys, `duration` is in seconds.

    A skipped activity has 0 `attempts`; the duration is that of all attempts and the waits between them. `fault` has
    what Data Factory tells of an error besides its message: errorCode, failureType, target.
    """

    name: str
    status: str
    output: dict[str, Any]
    error: str | None
    attempts: int
    duration: float
    fault: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class PipelineRun:
    """A run that has ended: `status` is Succeeded, Failed or Cancelled; the activities stand in the pipeline's order.

    `duration` is in seconds, where whoever ran it tells.
    """

    pipeline: str
    run_id: str
    status: str
    activities: tuple[ActivityRun, ...]
    error: str | None
    duration: float | None = None


def figures(output: Mapping[str, Any]) -> str:
    """How much a copy has brought to its sink; empty where its output does not say."""
    for key, unit in (("rowsCopied", "rows"), ("filesWritten", "files")):
        if isinstance(output.get(key), int):
            return f"{output[key]:,} {unit}"
    return ""
