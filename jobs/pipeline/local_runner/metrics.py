"""What a Copy activity gives out, under Data Factory's own keys."""

import math
import time
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class CopyMetrics:
    """What has been copied: bytes, files or rows (None where there are none), and connections used on either side."""

    data_read: int
    data_written: int
    connections: int
    files_written: int
    files_read: int | None = None
    files_skipped: int | None = None
    rows: int | None = None


@dataclass(frozen=True)
class Stopwatch:
    """When a copy began, on time.monotonic()'s clock."""

    started: float = field(default_factory=time.monotonic)

    def output(self, volume: CopyMetrics, consistency: dict[str, str] | None) -> dict[str, Any]:
        """`copyDuration` in whole seconds begun, `throughput` in KB/s; `consistency` where it was asked for."""
        seconds = time.monotonic() - self.started
        counts: dict[str, Any] = {
            "dataRead": volume.data_read,
            "dataWritten": volume.data_written,
            "filesRead": volume.files_read,
            "filesWritten": volume.files_written,
            "filesSkipped": volume.files_skipped,
            "rowsRead": volume.rows,
            "rowsCopied": volume.rows,
            "sourcePeakConnections": volume.connections,
            "sinkPeakConnections": volume.connections,
            "copyDuration": math.ceil(seconds),
            "throughput": round(volume.data_read / 1024 / max(seconds, 0.001), 3),
            "errors": [],
            "usedParallelCopies": volume.connections,
            "dataConsistencyVerification": consistency,
        }
        return {key: value for key, value in counts.items() if value is not None}
