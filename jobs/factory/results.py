"""What a run of a pipeline came to, in Data Factory's own words."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class ActivityRun:
    """One activity: `status` is Succeeded, Failed or Skipped, `output` has Azure's keys, `duration` is in seconds.

    A skipped activity has 0 `attempts`; the duration is that of all attempts and the waits between them.
    """

    name: str
    status: str
    output: dict[str, Any]
    error: str | None
    attempts: int
    duration: float


@dataclass(frozen=True)
class PipelineRun:
    """A run that has ended: `status` is Succeeded or Failed; the activities stand in the pipeline's order."""

    pipeline: str
    run_id: str
    status: str
    activities: tuple[ActivityRun, ...]
    error: str | None
