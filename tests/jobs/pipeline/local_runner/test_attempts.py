from threading import Event
from typing import Any

import pytest

from jobs.errors import JobError
from jobs.pipeline.local_runner import attempts
from jobs.pipeline.local_runner.attempts import POLICY_SCHEMA, Attempt, Policy, Task, Work, parse_timespan
from jobs.pipeline.results import ActivityRun


def run_work(work: Work, lines: list[str] | None = None, stop: Event | None = None, **policy: Any) -> ActivityRun:
    built = (Policy.from_properties({"retryIntervalInSeconds": 0, **policy}), work)
    return attempts.run_with_retries(
        Task("A", lambda: built, stop or Event(), [].append if lines is None else lines.append)
    )


def failing(times: int) -> Work:
    """Work that fails this number of times before it succeeds."""
    left = iter(range(times))

    def work(attempt: Attempt) -> dict[str, Any]:
        for number in left:
            raise JobError(f"failure {number}")
        return {"rowsCopied": 1}

    return work


def test_success() -> None:
    run = run_work(failing(0))
    assert (run.name, run.status, run.output, run.error, run.attempts) == ("A", "Succeeded", {"rowsCopied": 1}, None, 1)


def test_without_a_retry_the_first_failure_is_the_outcome() -> None:
    run = run_work(failing(1))
    assert (run.status, run.error, run.attempts) == ("Failed", "failure 0", 1)
    assert run.output == {"errors": [{"Message": "failure 0"}]}


def test_retry_counts_the_attempts_after_the_first() -> None:
    lines: list[str] = []
    run = run_work(failing(2), lines, retry=2)
    assert (run.status, run.error, run.attempts) == ("Succeeded", None, 3)
    assert lines == ["attempt 1 of 3 failed: failure 0", "attempt 2 of 3 failed: failure 1"]


def test_the_last_failure_is_the_outcome() -> None:
    run = run_work(failing(9), retry=2)
    assert (run.status, run.error, run.attempts) == ("Failed", "failure 2", 3)


def test_each_attempt_has_the_whole_time() -> None:
    has_time = []

    def work(attempt: Attempt) -> dict[str, Any]:
        has_time.append(attempt.seconds_left() > 3600 - 60)
        raise JobError("no")

    run_work(work, retry=1, timeout="0.01:00:00")
    assert has_time == [True, True]


def test_an_attempt_that_takes_too_long_fails() -> None:
    def work(attempt: Attempt) -> dict[str, Any]:
        attempt.raise_if_stopped()
        return {}

    run = run_work(work, timeout="00:00:00", retry=1)
    assert (run.status, run.attempts) == ("Failed", 2)
    assert run.error == "It took longer than its policy.timeout of 00:00:00: raise the timeout, or copy less."


def test_a_stopped_run_is_not_retried() -> None:
    stop = Event()

    def work(attempt: Attempt) -> dict[str, Any]:
        stop.set()
        attempt.raise_if_stopped()
        return {}

    run = run_work(work, stop=stop, retry=5)
    assert (run.status, run.attempts, run.error) == ("Failed", 1, "The run was stopped: start it again.")


def test_work_that_cannot_be_built_is_not_attempted() -> None:
    def build() -> Any:
        raise JobError("a value is wrong")

    run = attempts.run_with_retries(Task("A", build, Event(), print))
    assert (run.status, run.error, run.attempts) == ("Failed", "a value is wrong", 0)


def test_a_programming_error_is_not_an_outcome() -> None:
    def work(attempt: Attempt) -> dict[str, Any]:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run_work(work, retry=3)


@pytest.mark.parametrize(
    ("span", "length"), [("00:00:01", 1), ("0.00:01:00", 60), ("7.00:00:00", 604800), ("1.02:03:04", 93784)]
)
def test_seconds(span: str, length: int) -> None:
    assert parse_timespan(span) == length


def test_the_wait_is_shortened() -> None:
    assert Policy.from_properties({"retryIntervalInSeconds": 60}).wait == attempts.MAX_WAIT_SECONDS
    assert Policy.from_properties({"retryIntervalInSeconds": 0}).wait == 0


@pytest.mark.parametrize(
    "policy",
    [
        {"retries": 1},
        {"retry": -1},
        {"retry": "2"},
        {"timeout": "1h"},
        {"secureOutput": True},
        {"retryIntervalInSeconds": None},
    ],
)
def test_policies_that_are_not_implemented(policy: dict[str, Any]) -> None:
    assert list(POLICY_SCHEMA(policy))
