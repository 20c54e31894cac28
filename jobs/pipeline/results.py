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
