"""A step, measured against its baseline: in turns, so that other load on the machine slows both."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import mean, median
from typing import Any, TypeAlias

from jobs.terminal import log


@dataclass(frozen=True)
class StepRun:
    """One run: `amount` units of work in `seconds`. `result` is compared with the other side's."""

    amount: float
    seconds: float
    result: Any = None

    @property
    def rate(self) -> float:
        return self.amount / self.seconds


Run: TypeAlias = Callable[[], StepRun]


@dataclass(frozen=True, kw_only=True)
class Step:
    """`compare` describes how far the results of both sides agree. Raises JobError if they must and do not.

    `baseline` and `ours` describe the sides. `goal` is the ratio that the project aims at; None where the service sets
    the limit.
    """

    name: str
    unit: str
    baseline: str
    ours: str
    run_baseline: Run
    run_ours: Run
    compare: Callable[[Any, Any], str]
    goal: float | None = None


@dataclass(frozen=True, kw_only=True)
class Measurement:
    """Rates in units per second, medians of the rounds. `ratio` is the median of our rates over the baseline's."""

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


def measure_step(step: Step, rounds: int) -> Measurement:
    """Run both sides `rounds` times, and swap their order each time."""
    pairs: list[tuple[StepRun, StepRun]] = []
    for number in range(rounds):
        log(f"{step.name}: round {number + 1} of {rounds}")
        if number % 2:
            ours = step.run_ours()
            pairs.append((step.run_baseline(), ours))
        else:
            baseline = step.run_baseline()
            pairs.append((baseline, step.run_ours()))
        agreement = step.compare(pairs[-1][0].result, pairs[-1][1].result)
    ratios = [ours.rate / baseline.rate for baseline, ours in pairs]
    return Measurement(
        name=step.name,
        unit=step.unit,
        baseline=step.baseline,
        ours=step.ours,
        rounds=rounds,
        baseline_rate=round(median(baseline.rate for baseline, _ in pairs), 2),
        our_rate=round(median(ours.rate for _, ours in pairs), 2),
        ratio=round(median(ratios), 2),
        ratio_least=round(min(ratios), 2),
        ratio_most=round(max(ratios), 2),
        goal=step.goal,
        agreement=agreement,
    )


def mean_overlap(expected: Sequence[Sequence[int]], actual: Sequence[Sequence[int]]) -> float:
    """The share of each expected list that is in the actual one, averaged over the lists."""
    return mean(len(set(a) & set(b)) / len(a) for a, b in zip(expected, actual, strict=True))
