"""Progress as lines of a log: the count, the rate and the time left, at most one line every few seconds."""

import threading
import time
from collections.abc import Callable
from typing import TypeAlias

SECONDS_BETWEEN_LINES = 5

Log: TypeAlias = Callable[[str], None]


def serialize_calls(log: Log) -> Log:
    """Returns `log` behind a lock: for a function that several threads call."""
    lock = threading.Lock()

    def locked_log(line: str) -> None:
        with lock:
            log(line)

    return locked_log


class Meter:
    """Counts pieces of work and logs how many are done, in a `unit` (empty: no unit), of a `total` if that is known."""

    def __init__(self, log: Log, unit: str, total: int | None = None) -> None:
        self.log, self.unit, self.total, self.done = log, unit, total, 0
        self.started = self.logged_at = time.monotonic()

    def advance(self, steps: int) -> None:
        """Count `steps` more, and log a line if the last one is SECONDS_BETWEEN_LINES old."""
        self.done += steps
        now = time.monotonic()
        if now - self.logged_at < SECONDS_BETWEEN_LINES:
            return
        self.logged_at = now
        rate = self.done / max(now - self.started, 0.001)
        of = f" of {self.total:,}" if self.total else ""
        unit = f" {self.unit}" if self.unit else ""
        left = f", {(self.total - self.done) / rate:.0f} s left" if self.total and rate else ""
        self.log(f"{self.done:,}{of}{unit}, {rate:,.0f}/s{left}")
