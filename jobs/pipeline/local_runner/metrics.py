"""The output of a Copy activity, with Data Factory's own keys."""

import math
import time
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class CopyMetrics:
    """What was copied: bytes, files or rows (None where they do not apply), and the connections on either side."""

    data_read: int
    data_written: int
    connections: int
    files_written: int
    files_read: int | None = None
    files_skipped: int | None = None
    rows: int | None = None


@dataclass(frozen=True)
class Stopwatch:
    """When a copy started, by time.monotonic()."""

    started: float = field(default_factory=time.monotonic)

    def output(self, metrics: CopyMetrics, consistency: dict[str, str] | None) -> dict[str, Any]:
        """The output. `copyDuration` is in seconds, rounded up, `throughput` in KB/s."""
        seconds = time.monotonic() - self.started
        counts: dict[str, Any] = {
            "dataRead": metrics.data_read,
            "dataWritten": metrics.data_written,
            "filesRead": metrics.files_read,
            "filesWritten": metrics.files_written,
            "filesSkipped": metrics.files_skipped,
            "rowsRead": metrics.rows,
            "rowsCopied": metrics.rows,
            "sourcePeakConnections": metrics.connections,
            "sinkPeakConnections": metrics.connections,
            "copyDuration": math.ceil(seconds),
            "throughput": round(metrics.data_read / 1024 / max(seconds, 0.001), 3),
            "errors": [],
            "usedParallelCopies": metrics.connections,
            "dataConsistencyVerification": consistency,
        }
        return {key: value for key, value in counts.items() if value is not None}
