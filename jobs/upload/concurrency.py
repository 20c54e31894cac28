"""How many connections to a service to use at once. It is measured, because it depends on the network."""

from jobs.storage.client import MAX_CONNECTIONS

INITIAL = 4
MIN_GAIN = 1.2  # doubling is worth it if the work gets a fifth faster


class AdaptiveConcurrency:
    """`number` doubles as long as that is faster: up to MAX_CONNECTIONS over a slow network, fewer on this machine."""

    def __init__(self) -> None:
        self.number = INITIAL
        self._best = 0.0
        self._settled = False

    def record(self, done: int, seconds: float) -> None:
        """Record that `number` connections did `done` items in `seconds`, and choose the next `number`."""
        if self._settled or done < self.number:
            return
        rate = done / max(seconds, 1e-6)
        if rate < MIN_GAIN * self._best:
            self.number //= 2
            self._settled = True
            return
        self._best = rate
        self._settled = self.number == MAX_CONNECTIONS
        self.number = min(2 * self.number, MAX_CONNECTIONS)
