"""Tell how far a piece of work has come: a line when some seconds have passed, with the rate and the time left."""

import threading
import time
from collections.abc import Callable
from typing import TypeAlias

SECONDS_BETWEEN_LINES = 5

Log: TypeAlias = Callable[[str], None]


def serialize_calls(say: Log) -> Log:
    """The same for several threads, so that `say` need not think of them."""
    lock = threading.Lock()

    def told(line: str) -> None:
        with lock:
            say(line)

    return told


class Meter:
    """Counts the `unit`s done of `total`, where that is known; without a unit the line is about what it is said of."""

    def __init__(self, say: Log, unit: str, total: int | None = None) -> None:
        self.say, self.unit, self.total, self.done = say, unit, total, 0
        self.started = self.logged_at = time.monotonic()

    def advance(self, steps: int) -> None:
        self.done += steps
        now = time.monotonic()
        if now - self.logged_at < SECONDS_BETWEEN_LINES:
            return
        self.logged_at = now
        rate = self.done / max(now - self.started, 0.001)
        of = f" of {self.total:,}" if self.total else ""
        unit = f" {self.unit}" if self.unit else ""
        left = f", {(self.total - self.done) / rate:.0f} s left" if self.total and rate else ""
        self.say(f"{self.done:,}{of}{unit}, {rate:,.0f}/s{left}")
