"""The fastest way to embed is measured once for many pictures, and remembered."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from jobs.embed import fastest
from jobs.embed.fastest import MEASURED_FROM, Way, choose_way, measure_rates


class Clock:
    """A clock that moves only while a way computes."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def make_way(name: str, seconds: float, clock: Clock, batch: int = 2) -> Way:
    def embed(pictures: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        assert pictures.shape == (batch, 224, 224) and pictures.dtype == np.uint8
        clock.now += seconds
        return np.zeros((batch, 512), np.float32)

    return Way(name, lambda: embed, batch, 1)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Clock]:
    """A clock for ways, and an empty state folder."""
    monkeypatch.setenv("JOBS_LOCAL", str(tmp_path))
    made = Clock()
    monkeypatch.setattr(fastest.measure_rates, "__defaults__", (made,))
    yield made


def test_rates_are_pictures_per_second(clock: Clock) -> None:
    ways = [make_way("a", 0.5, clock), make_way("b", 0.25, clock, batch=4)]
    assert measure_rates(ways) == {ways[0].label: 4.0, ways[1].label: 16.0}


def test_a_way_that_is_far_behind_is_measured_once(clock: Clock) -> None:
    measure_rates([make_way("fast", 0.1, clock), make_way("near", 0.125, clock), make_way("slow", 10.0, clock)])
    assert round(clock.now, 3) == (fastest.ROUNDS + 1) * 0.225 + 2 * 10.0  # its first time does not count


def test_the_fastest_way_is_taken_and_remembered(clock: Clock) -> None:
    ways = [make_way("first", 0.5, clock), make_way("fast", 0.1, clock)]
    assert choose_way(ways, "fp32", MEASURED_FROM).name == "fast"
    measured = clock.now
    assert choose_way(ways, "fp32", 1).name == "fast"
    assert clock.now == measured > 0  # remembered for few pictures, too
    assert choose_way(ways, "bf16", 1).name == "first"  # another precision is not measured yet


def test_few_pictures_are_not_worth_measuring(clock: Clock) -> None:
    ways = [make_way("first", 0.5, clock), make_way("fast", 0.1, clock)]
    assert choose_way(ways, "fp32", MEASURED_FROM - 1).name == "first"
    assert clock.now == 0


def test_a_difference_that_is_noise_changes_nothing(clock: Clock) -> None:
    ways = [make_way("first", 0.5, clock), make_way("second", 0.49, clock)]
    assert choose_way(ways, "fp32", MEASURED_FROM).name == "first"


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"first, 2 pictures a batch, 1 streams": "?"}', "\0"])
def test_a_broken_record_is_measured_again(clock: Clock, text: str) -> None:
    ways = [make_way("first", 0.5, clock), make_way("fast", 0.1, clock)]
    fastest.record_file(ways, "fp32").write_text(text)
    assert choose_way(ways, "fp32", MEASURED_FROM).name == "fast"
    assert clock.now > 0
