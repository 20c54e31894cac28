"""Wait for something outside this process: one loop for every poll and retry."""

import time
from collections.abc import Callable, Iterable, Iterator
from itertools import repeat
from typing import TypeAlias, TypeVar

T = TypeVar("T")
Sleep: TypeAlias = Callable[[float], None]


def wait_until(
    check: Callable[[], T], *, every: float | Iterable[float], at_most: float, sleep: Sleep | None = None
) -> T:
    """Call `check` until it returns something true, with pauses of `every` seconds; its last answer.

    That answer is false when `at_most` seconds have passed, or no pauses are left. A test replaces `sleep`; pauses
    count as passed also where a replaced `sleep` takes no time.
    """
    pauses = repeat(every) if isinstance(every, int | float) else every
    started, slept = time.monotonic(), 0.0
    found = check()
    for pause in pauses:
        if found or max(slept, time.monotonic() - started) + pause > at_most:
            break
        (sleep or time.sleep)(pause)
        slept += pause
        found = check()
    return found


def backoff(first: float, longest: float, factor: float = 2.0) -> Iterator[float]:
    """Pauses that grow from `first` to `longest` seconds."""
    pause = first
    while True:
        yield pause
        pause = min(pause * factor, longest)
