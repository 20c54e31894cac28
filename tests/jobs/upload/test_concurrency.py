"""As many connections as are worth it, by the rates that were measured."""

import pytest

from jobs.upload.concurrency import AdaptiveConcurrency


@pytest.mark.parametrize(
    ("rates", "ends"),
    [
        ([100, 200, 400, 790, 9999], 32),  # each is worth it: far away, waiting is what takes the time
        ([500, 510, 9999], 4),  # on this machine the service is the limit
        ([100, 190, 200, 9999], 8),
    ],
)
def test_as_many_connections_as_are_worth_it(rates: list[int], ends: int) -> None:
    connections = AdaptiveConcurrency()
    for rate in rates:
        connections.record(rate, 1.0)
    assert connections.number == ends


def test_too_little_work_measures_nothing() -> None:
    connections = AdaptiveConcurrency()
    connections.record(1, 1.0)
    connections.record(0, 0.0)
    assert connections.number == 4
