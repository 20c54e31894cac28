"""The output of a Copy activity, with Data Factory's own keys.

https://learn.microsoft.com/azure/data-factory/copy-activity-monitoring
"""

import math
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

NOT_VERIFIED = {"VerificationResult": "NotVerified"}  # without validateDataConsistency
RUNTIME = "local runner"  # where Data Factory names its integration runtime


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

    def output(self, metrics: CopyMetrics, consistency: dict[str, str]) -> dict[str, Any]:
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


@dataclass(frozen=True)
class Route:
    """The types of the linked services that a copy reads and writes, and its dataIntegrationUnits where it sets them.

    The laptop has no such units: Data Factory reports the number that it uses.
    """

    source: str
    sink: str
    units: int | None

    def add_details(self, output: dict[str, Any], started: datetime) -> dict[str, Any]:
        """The output with what Data Factory adds of its own: where the copy ran, its steps, its price, its queue."""
        duration, units = output["copyDuration"], {} if self.units is None else {"usedDataIntegrationUnits": self.units}
        details = {
            "source": {"type": self.source},
            "sink": {"type": self.sink},
            "status": "Succeeded",
            "start": started.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "duration": duration,
            **units,
            "usedParallelCopies": output["usedParallelCopies"],
            "profile": {
                "queue": {"status": "Completed", "duration": 0},
                "transfer": {"status": "Completed", "duration": duration},
            },
            "detailedDurations": {"queuingDuration": 0, "transferDuration": duration},
        }
        return {
            **output,
            "effectiveIntegrationRuntime": RUNTIME,
            **units,
            "billingReference": {"activityType": "DataMovement", "billableDuration": []},
            "executionDetails": [details],
            "durationInQueue": {"integrationRuntimeQueue": 0},
        }
