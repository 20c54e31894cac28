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
    """Call `check` until it returns something true, with pauses of `every` seconds. Returns its last answer.

    That answer is false when another pause would bring their sum above `at_most` seconds, when that time has passed in
    slow checks, or when `every` has no more pauses. `check` is called at least once. What it raises ends the wait.

    Tests replace `sleep` (default: `time.sleep`); the checks are as many if it takes no time.
    """
    pauses = repeat(every) if isinstance(every, int | float) else every
    started, slept = time.monotonic(), 0.0
    answer = check()
    for pause in pauses:
        if answer or slept + pause > at_most or time.monotonic() - started >= at_most:
            break
        (sleep or time.sleep)(pause)
        slept += pause
        answer = check()
    return answer


def backoff(first: float, longest: float, factor: float = 2.0) -> Iterator[float]:
    """Endless pauses in seconds: `first`, then each `factor` times the one before, never more than `longest`."""
    pause = min(first, longest)
    while True:
        yield pause
        pause = min(pause * factor, longest)
