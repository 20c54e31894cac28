from datetime import UTC, datetime
from typing import Any

import pytest

from jobs.pipeline.recurrence import next_run_after

NOW = datetime(2026, 11, 21, 12, 30, tzinfo=UTC)
DAILY = {"frequency": "Day", "interval": 1, "startTime": "2026-01-01T03:00:00Z", "timeZone": "UTC"}


@pytest.mark.parametrize(
    ("recurrence", "due"),
    [
        (DAILY, "2026-11-22T03:00:00+00:00"),
        (DAILY | {"startTime": "2026-01-01T05:00:00+02:00"}, "2026-11-22T03:00:00+00:00"),
        (DAILY | {"startTime": "2026-01-01T03:00:00"}, "2026-11-22T03:00:00+00:00"),
        (DAILY | {"startTime": "2026-12-24T03:00:00Z"}, "2026-12-24T03:00:00+00:00"),
        (DAILY | {"frequency": "Hour", "interval": 6}, "2026-11-21T15:00:00+00:00"),
        (DAILY | {"frequency": "Minute", "interval": 15}, "2026-11-21T12:45:00+00:00"),
        (DAILY | {"frequency": "Week"}, "2026-11-26T03:00:00+00:00"),
        (DAILY | {"endTime": "2026-11-22T03:00:00Z"}, "2026-11-22T03:00:00+00:00"),
    ],
)
def test_the_next_run(recurrence: dict[str, Any], due: str) -> None:
    assert next_run_after(recurrence, NOW) == datetime.fromisoformat(due)


@pytest.mark.parametrize(
    "other",
    [
        {"frequency": "Month"},
        {"timeZone": "W. Europe Standard Time"},
        {"schedule": {"hours": [3]}},
        {"endTime": "2026-11-22T02:59:59Z"},
    ],
)
def test_what_only_azure_can_compute(other: dict[str, Any]) -> None:
    assert next_run_after(DAILY | other, NOW) is None
    assert next_run_after({}, NOW) is None
