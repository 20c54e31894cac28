from threading import Event
from typing import Any

import pytest

from jobs.errors import JobError
from jobs.pipeline.local_runner import attempts
from jobs.pipeline.local_runner.attempts import POLICY, Attempt, Policy, Task, Work, seconds
from jobs.pipeline.results import ActivityRun


def attempted(work: Work, said: list[str] | None = None, stop: Event | None = None, **policy: Any) -> ActivityRun:
    prepared = (Policy.of({"retryIntervalInSeconds": 0, **policy}), work)
    lines = said if said is not None else []
    return attempts.run_with_retries(Task("A", lambda: prepared, stop or Event(), lines.append))


def failing(times: int) -> Work:
    """Work that fails so many times before it succeeds."""
    left = iter(range(times))

    def work(attempt: Attempt) -> dict[str, Any]:
        for number in left:
            raise JobError(f"failure {number}")
        return {"rowsCopied": 1}

    return work


def test_success() -> None:
    run = attempted(failing(0))
    assert (run.name, run.status, run.output, run.error, run.attempts) == ("A", "Succeeded", {"rowsCopied": 1}, None, 1)


def test_without_a_retry_the_first_failure_is_the_outcome() -> None:
    run = attempted(failing(1))
    assert (run.status, run.error, run.attempts) == ("Failed", "failure 0", 1)
    assert run.output == {"errors": [{"Message": "failure 0"}]}


def test_retry_counts_the_tries_after_the_first() -> None:
    said: list[str] = []
    run = attempted(failing(2), said, retry=2)
    assert (run.status, run.error, run.attempts) == ("Succeeded", None, 3)
    assert said == ["attempt 1 of 3 failed: failure 0", "attempt 2 of 3 failed: failure 1"]


def test_the_last_failure_is_the_outcome() -> None:
    run = attempted(failing(9), retry=2)
    assert (run.status, run.error, run.attempts) == ("Failed", "failure 2", 3)


def test_each_attempt_has_the_whole_time() -> None:
    left = []

    def work(attempt: Attempt) -> dict[str, Any]:
        left.append(attempt.seconds_left() > 3600 - 60)
        raise JobError("no")

    attempted(work, retry=1, timeout="0.01:00:00")
    assert left == [True, True]


def test_a_try_that_takes_too_long_fails() -> None:
    def work(attempt: Attempt) -> dict[str, Any]:
        attempt.raise_if_stopped()
        return {}

    run = attempted(work, timeout="00:00:00", retry=1)
    assert (run.status, run.attempts) == ("Failed", 2)
    assert run.error == "It took longer than its policy.timeout of 00:00:00: raise that, or copy less."


def test_what_is_stopped_is_not_tried_again() -> None:
    stop = Event()

    def work(attempt: Attempt) -> dict[str, Any]:
        stop.set()
        attempt.raise_if_stopped()
        return {}

    run = attempted(work, stop=stop, retry=5)
    assert (run.status, run.attempts, run.error) == ("Failed", 1, "The run was stopped: start it again.")


def test_what_cannot_be_prepared_is_not_tried() -> None:
    def prepare() -> Any:
        raise JobError("a value is wrong")

    run = attempts.run_with_retries(Task("A", prepare, Event(), print))
    assert (run.status, run.error, run.attempts) == ("Failed", "a value is wrong", 0)


def test_a_fault_of_the_program_is_no_outcome() -> None:
    def work(attempt: Attempt) -> dict[str, Any]:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        attempted(work, retry=3)


@pytest.mark.parametrize(
    ("span", "length"), [("00:00:01", 1), ("0.00:01:00", 60), ("7.00:00:00", 604800), ("1.02:03:04", 93784)]
)
def test_seconds(span: str, length: int) -> None:
    assert seconds(span) == length


def test_the_wait_is_cut_short() -> None:
    assert Policy.of({"retryIntervalInSeconds": 60}).wait == attempts.LONGEST_WAIT_SECONDS
    assert Policy.of({"retryIntervalInSeconds": 0}).wait == 0


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
    assert list(POLICY(policy))
