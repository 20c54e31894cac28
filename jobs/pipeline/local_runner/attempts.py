"""Run one activity as its policy says: how often it is tried again, and how long a try may take."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Event
from typing import Any, TypeAlias

from jobs.errors import JobError
from jobs.pipeline.results import ActivityRun
from jobs.pipeline.schema import TIMESPAN, Rule, count, fields, one_of, timespan
from jobs.progress import Log

DEFAULT_TIMEOUT = "0.12:00:00"
# Data Factory waits 30 s or more, for servers that are busy or being moved. On loopback nothing needs longer than this.
LONGEST_WAIT_SECONDS = 1.0

POLICY: Rule = fields(
    {},
    {
        "timeout": timespan,
        "retry": count,
        "retryIntervalInSeconds": count,
        "secureInput": one_of(False),
        "secureOutput": one_of(False),
    },
)


def seconds(span: str) -> float:
    """The length of a time written as d.hh:mm:ss."""
    match = TIMESPAN.fullmatch(span)
    if match is None:
        raise ValueError(f"{span!r} is no d.hh:mm:ss")
    days, hours, minutes, rest = (int(part or 0) for part in match.groups())
    return ((days * 24 + hours) * 60 + minutes) * 60.0 + rest


@dataclass(frozen=True)
class Policy:
    """How often an activity is tried again, the wait in between in seconds, and the time that each try may take."""

    retry: int
    wait: float
    timeout: str

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> "Policy":
        """From a policy that follows POLICY."""
        wait = min(given.get("retryIntervalInSeconds", 30), LONGEST_WAIT_SECONDS)
        return cls(given.get("retry", 0), wait, given.get("timeout", DEFAULT_TIMEOUT))


@dataclass(frozen=True)
class Attempt:
    """One try: what its work asks between two pieces, and tells in between."""

    ends: float  # on time.monotonic()'s clock
    timeout: str
    stop: Event
    say: Log

    def raise_if_stopped(self) -> None:
        """Raises Failure when the time is up, or everything is to stop."""
        if self.stop.is_set():
            raise JobError("The run was stopped: start it again.")
        if self.seconds_left() <= 0:
            raise JobError(f"It took longer than its policy.timeout of {self.timeout}: raise that, or copy less.")

    def seconds_left(self) -> float:
        return self.ends - time.monotonic()


Work: TypeAlias = Callable[[Attempt], dict[str, Any]]
# Gives the policy and the work of an activity that has been checked, once every value is there.
Prepared: TypeAlias = Callable[[], tuple[Policy, Work]]


@dataclass(frozen=True)
class Task:
    """An activity that may start: `prepare` gives its policy and its work, and raises Failure where it cannot."""

    name: str
    prepare: Prepared
    stop: Event
    say: Log


def run_with_retries(task: Task) -> ActivityRun:
    """Try until one attempt succeeds or none is left. An activity that fails is a result, no exception."""
    started = time.monotonic()
    number, error = 0, "The run was stopped before it began: start it again."
    try:
        policy, work = task.prepare()
    except JobError as failure:
        return failed_run(task.name, str(failure), 0, started)
    while number <= policy.retry and not task.stop.is_set():
        number += 1
        attempt = Attempt(time.monotonic() + seconds(policy.timeout), policy.timeout, task.stop, task.say)
        try:
            output = work(attempt)
        except JobError as failure:
            error = str(failure)
        else:
            return ActivityRun(task.name, "Succeeded", output, None, number, time.monotonic() - started)
        if number <= policy.retry:
            task.say(f"attempt {number} of {policy.retry + 1} failed: {error}")
            task.stop.wait(policy.wait)
    return failed_run(task.name, error, number, started)


def failed_run(name: str, error: str, attempts: int, started: float) -> ActivityRun:
    output = {"errors": [{"Message": error}]}
    return ActivityRun(name, "Failed", output, error, attempts, time.monotonic() - started)
