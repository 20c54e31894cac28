"""Waiting: when `wait_until` checks again, when it ends, and the pauses of `backoff`."""

from collections.abc import Callable
from itertools import islice
from math import inf

import pytest

from jobs.wait import backoff, wait_until


@pytest.fixture
def pauses() -> list[float]:
    """The pauses of a replaced `sleep`."""
    return []


def counter(ready_at: int) -> Callable[[], int]:
    """A check that returns 0 until the call with this number, and that number from then on."""
    calls = iter(range(1, 1_000))
    return lambda: number if (number := next(calls)) >= ready_at else 0


def test_the_first_true_answer_is_returned(pauses: list[float]) -> None:
    assert wait_until(counter(3), every=5, at_most=60, sleep=pauses.append) == 3
    assert pauses == [5, 5]


def test_a_true_answer_needs_no_pause(pauses: list[float]) -> None:
    assert wait_until(counter(1), every=5, at_most=0, sleep=pauses.append) == 1
    assert pauses == []


@pytest.mark.parametrize(("at_most", "checks"), [(0, 1), (4.9, 1), (5, 2), (14, 3), (15, 4)])
def test_it_ends_before_the_pauses_exceed_the_time(at_most: float, checks: int, pauses: list[float]) -> None:
    calls: list[int] = []
    answer = wait_until(lambda: calls.append(1), every=5, at_most=at_most, sleep=pauses.append)
    assert answer is None
    assert (len(calls), len(pauses)) == (checks, checks - 1)


def test_it_ends_when_there_are_no_more_pauses(pauses: list[float]) -> None:
    assert wait_until(counter(9), every=(1, 2), at_most=inf, sleep=pauses.append) == 0
    assert pauses == [1, 2]


def test_the_last_pause_is_followed_by_a_check(pauses: list[float]) -> None:
    assert wait_until(counter(3), every=(1, 2), at_most=inf, sleep=pauses.append) == 3


def test_an_error_of_the_check_ends_the_wait(pauses: list[float]) -> None:
    with pytest.raises(ZeroDivisionError):
        wait_until(lambda: 1 // 0, every=1, at_most=60, sleep=pauses.append)
    assert pauses == []


def test_it_sleeps_for_real_where_nothing_replaces_it() -> None:
    assert wait_until(counter(3), every=0.001, at_most=60) == 3
    assert wait_until(counter(10**6), every=0.002, at_most=0.01) == 0


def test_time_that_the_check_takes_counts(monkeypatch: pytest.MonkeyPatch, pauses: list[float]) -> None:
    clock = iter(range(0, 1_000, 20))
    monkeypatch.setattr("jobs.wait.time.monotonic", lambda: float(next(clock)))
    assert wait_until(counter(99), every=1, at_most=50, sleep=pauses.append) == 0
    assert len(pauses) == 2


def test_backoff_grows_to_the_longest_pause() -> None:
    assert list(islice(backoff(1, 10), 6)) == [1, 2, 4, 8, 10, 10]
    assert list(islice(backoff(2, 20, factor=3), 4)) == [2, 6, 18, 20]
    assert list(islice(backoff(9, 5), 2)) == [5, 5]


def test_a_wait_with_backoff(pauses: list[float]) -> None:
    assert wait_until(counter(5), every=backoff(1, 3), at_most=60, sleep=pauses.append) == 5
    assert pauses == [1, 2, 3, 3]
