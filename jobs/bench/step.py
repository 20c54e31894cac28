"""Two ways to do the same piece of work, measured in turns so that what else the machine does hits both."""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from typing import Any, TypeAlias

from jobs.terminal import log


@dataclass(frozen=True)
class StepRun:
    """What one arm did: `amount` pieces in `seconds`; `result` is what the other arm's is compared with."""

    amount: float
    seconds: float
    result: Any = None

    @property
    def rate(self) -> float:
        return self.amount / self.seconds


Arm: TypeAlias = Callable[[], StepRun]


@dataclass(frozen=True, kw_only=True)
class Step:
    """`agree` tells in words how far both results agree, and raises Failure where they should and do not.

    `goal` is the ratio that the project aims at; None where the service sets the limit.
    """

    name: str
    unit: str
    baseline: str
    ours: str
    slow: Arm
    fast: Arm
    agree: Callable[[Any, Any], str]
    goal: float | None = None


@dataclass(frozen=True, kw_only=True)
class Measured:
    """Rates in units a second, medians over the rounds; `ratio` is the median of the rounds' ratios."""

    name: str
    unit: str
    baseline: str
    ours: str
    rounds: int
    baseline_rate: float
    our_rate: float
    ratio: float
    ratio_least: float
    ratio_most: float
    goal: float | None
    agreement: str


def measure(step: Step, rounds: int) -> Measured:
    """Run both arms `rounds` times, the order turned each time."""
    pairs: list[tuple[StepRun, StepRun]] = []
    for number in range(rounds):
        log(f"{step.name}: round {number + 1} of {rounds}")
        if number % 2:
            fast = step.fast()
            pairs.append((step.slow(), fast))
        else:
            slow = step.slow()
            pairs.append((slow, step.fast()))
        agreement = step.agree(pairs[-1][0].result, pairs[-1][1].result)
    ratios = [fast.rate / slow.rate for slow, fast in pairs]
    return Measured(
        name=step.name,
        unit=step.unit,
        baseline=step.baseline,
        ours=step.ours,
        rounds=rounds,
        baseline_rate=round(median(slow.rate for slow, _ in pairs), 2),
        our_rate=round(median(fast.rate for _, fast in pairs), 2),
        ratio=round(median(ratios), 2),
        ratio_least=round(min(ratios), 2),
        ratio_most=round(max(ratios), 2),
        goal=step.goal,
        agreement=agreement,
    )
