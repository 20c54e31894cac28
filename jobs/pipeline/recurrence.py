"""When a trigger of Data Factory runs next.

https://learn.microsoft.com/azure/data-factory/how-to-create-schedule-trigger
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

STEPS = {
    "Minute": timedelta(minutes=1),
    "Hour": timedelta(hours=1),
    "Day": timedelta(days=1),
    "Week": timedelta(weeks=1),
}


def next_run_after(recurrence: Mapping[str, Any], now: datetime) -> datetime | None:
    """The first moment after `now` of a recurrence of equal steps in UTC; None where it has ended or is another kind.

    Azure reckons the others (months, a schedule inside the day, the hours of a country) with tables of its own.
    """
    step = STEPS.get(str(recurrence.get("frequency")))
    if step is None or recurrence.get("schedule") or recurrence.get("timeZone", "UTC") != "UTC":
        return None
    if "startTime" not in recurrence:
        return None
    first = parse_time(recurrence["startTime"])
    every = step * int(recurrence.get("interval", 1))
    due = first if now < first else first + ((now - first) // every + 1) * every
    return None if "endTime" in recurrence and due > parse_time(recurrence["endTime"]) else due


def parse_time(text: str) -> datetime:
    """A time as Azure writes it, in UTC where it names no zone."""
    given = datetime.fromisoformat(text)
    return given.astimezone(UTC) if given.tzinfo else given.replace(tzinfo=UTC)
