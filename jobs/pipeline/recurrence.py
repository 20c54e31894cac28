"""When a schedule trigger of Data Factory runs next.

https://learn.microsoft.com/azure/data-factory/how-to-create-schedule-trigger
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

INTERVALS = {
    "Minute": timedelta(minutes=1),
    "Hour": timedelta(hours=1),
    "Day": timedelta(days=1),
    "Week": timedelta(weeks=1),
}


def next_run_after(recurrence: Mapping[str, Any], now: datetime) -> datetime | None:
    """The first run after `now` of a recurrence with equal intervals in UTC; None if it has ended, or for other kinds.

    For other kinds (months, a schedule inside the day, a time zone) only Azure knows the next run.
    """
    unit = INTERVALS.get(str(recurrence.get("frequency")))
    if unit is None or recurrence.get("schedule") or recurrence.get("timeZone", "UTC") != "UTC":
        return None
    if "startTime" not in recurrence:
        return None
    first = parse_time(recurrence["startTime"])
    interval = unit * int(recurrence.get("interval", 1))
    due = first if now < first else first + ((now - first) // interval + 1) * interval
    return None if "endTime" in recurrence and due > parse_time(recurrence["endTime"]) else due


def parse_time(text: str) -> datetime:
    """A time as Azure writes it. A time without a zone is in UTC."""
    time = datetime.fromisoformat(text)
    return time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)
