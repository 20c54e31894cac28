"""Run one activity with its policy: how often it is retried, and how long an attempt may take."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from threading import Event
from typing import Any, TypeAlias

from jobs.errors import ErrorKind, JobError
from jobs.pipeline.results import ActivityRun
from jobs.pipeline.schema import TIMESPAN, Problem, Validator, between, non_negative, object_of, one_of, timespan
from jobs.progress import Log

DEFAULT_TIMEOUT, MIN_TIMEOUT, MAX_TIMEOUT = "0.12:00:00", "0.00:10:00", "7.00:00:00"  # Data Factory's
# Data Factory waits 30 s or more, for servers that are busy or being moved. On loopback this is enough.
MAX_WAIT_SECONDS = 1.0


def parse_timespan(span: str) -> float:
    """The seconds of a timespan, written as d.hh:mm:ss."""
    match = TIMESPAN.fullmatch(span)
    if match is None:
        raise ValueError(f"{span!r} is not a timespan as d.hh:mm:ss")
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return ((days * 24 + hours) * 60 + minutes) * 60.0 + seconds


def validate_timeout(value: Any) -> Iterator[Problem]:
    """A validator: a time from MIN_TIMEOUT to MAX_TIMEOUT."""
    problems = list(timespan(value))
    yield from problems
    if not problems and isinstance(value, str):
        shortest, longest = parse_timespan(MIN_TIMEOUT), parse_timespan(MAX_TIMEOUT)
        if not shortest <= parse_timespan(value) <= longest:
            yield "", f"has to be from {MIN_TIMEOUT} to {MAX_TIMEOUT}, and is {value!r}"


# https://learn.microsoft.com/azure/data-factory/concepts-pipelines-activities#activity-policy
POLICY_SCHEMA: Validator = object_of(
    {},
    {
        "timeout": validate_timeout,
        "retry": non_negative,
        "retryIntervalInSeconds": between(30, 86_400),
        "secureInput": one_of(False),
        "secureOutput": one_of(False),
    },
)


@dataclass(frozen=True)
class Policy:
    """How often an activity is retried, the seconds between two attempts, and the timespan that each may take."""

    retry: int
    wait: float
    timeout: str

    @classmethod
    def from_properties(cls, properties: Mapping[str, Any]) -> "Policy":
        """From an activity's `policy`, valid by POLICY_SCHEMA."""
        wait = min(properties.get("retryIntervalInSeconds", 30), MAX_WAIT_SECONDS)
        return cls(properties.get("retry", 0), wait, properties.get("timeout", DEFAULT_TIMEOUT))


@dataclass(frozen=True)
class Attempt:
    """One attempt. Its work calls `raise_if_stopped` between two pieces, and `log` with its progress."""

    deadline: float  # on time.monotonic()'s clock
    timeout: str
    stop: Event
    log: Log

    def raise_if_stopped(self) -> None:
        """Raise JobError when the time is up, or the run was stopped."""
        if self.stop.is_set():
            raise JobError("The run was stopped: start it again.", ErrorKind.stopped)
        if self.seconds_left() <= 0:
            raise JobError(
                f"It took longer than its policy.timeout of {self.timeout}: raise the timeout, or copy less."
            )

    def seconds_left(self) -> float:
        return self.deadline - time.monotonic()


Work: TypeAlias = Callable[[Attempt], dict[str, Any]]
# Returns the policy and the work of a checked activity. Call it when all its values are resolved.
BuildWork: TypeAlias = Callable[[], tuple[Policy, Work]]


@dataclass(frozen=True)
class Task:
    """An activity that may start. `build` returns its policy and its work, or raises JobError."""

    name: str
    build: BuildWork
    stop: Event
    log: Log


def run_with_retries(task: Task) -> ActivityRun:
    """Run attempts until one succeeds or none is left. An activity that fails is a result, not an exception.

    A loop of its own, not `wait_until`: it counts attempts, not time, and `stop` ends its waits.
    """
    started = time.monotonic()
    number, error = 0, "The run was stopped before it started: start it again."
    try:
        policy, work = task.build()
    except JobError as failed:
        return failed_run(task.name, str(failed), 0, started)
    while number <= policy.retry and not task.stop.is_set():
        number += 1
        attempt = Attempt(time.monotonic() + parse_timespan(policy.timeout), policy.timeout, task.stop, task.log)
        try:
            output = work(attempt)
        except JobError as failed:
            error = str(failed)
        else:
            return ActivityRun(task.name, "Succeeded", output, None, number, time.monotonic() - started)
        if number <= policy.retry:
            task.log(f"attempt {number} of {policy.retry + 1} failed: {error}")
            task.stop.wait(policy.wait)
    return failed_run(task.name, error, number, started)


def failed_run(name: str, error: str, attempts: int, started: float) -> ActivityRun:
    output = {"errors": [{"Message": error}]}
    return ActivityRun(name, "Failed", output, error, attempts, time.monotonic() - started)
