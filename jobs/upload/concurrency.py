"""How many connections to a service to use at once: found by measurement, for it depends on the way there."""

from jobs.storage.client import MAX_CONNECTIONS

FIRST = 4
WORTH = 1.2  # doubling them pays where it makes the work a fifth faster


class AdaptiveConcurrency:
    """`number` doubles as long as that pays. Far away it ends at MOST_CONNECTIONS, on this machine soon."""

    def __init__(self) -> None:
        self.number = FIRST
        self._best = 0.0
        self._settled = False

    def record(self, done: int, seconds: float) -> None:
        """Take in what `number` connections did in so many seconds; as many as were tried last should be counted."""
        if self._settled or done < self.number:
            return
        rate = done / max(seconds, 1e-6)
        if rate < WORTH * self._best:
            self.number //= 2
            self._settled = True
            return
        self._best = rate
        self._settled = self.number == MAX_CONNECTIONS
        self.number = min(2 * self.number, MAX_CONNECTIONS)
