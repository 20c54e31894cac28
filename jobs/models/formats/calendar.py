"""The report as a calendar: one all-day event a deployment, which moves when Azure moves the date.

https://www.rfc-editor.org/rfc/rfc5545
"""

from datetime import UTC, date, datetime, timedelta

from icalendar import Alarm, Calendar, Event

from jobs.models.report import Report
from jobs.models.rows import Row

ALARM_DAYS = (60, 30)


def to_calendar(report: Report) -> str:
    """The calendar. Deployments without a date are not in it."""
    calendar = Calendar()
    calendar.add("prodid", "-//vector-lake//models report//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", f"Models of {report.account}")
    for row in report.deployments:
        if row.retires:
            calendar.add_component(to_event(row, date.fromisoformat(row.retires), report.taken))
    return str(calendar.to_ical().decode())


def to_event(row: Row, day: date, taken: str) -> Event:
    """One event. Its UID stays, and a higher SEQUENCE says that it moved: the calendar then keeps one."""
    event = Event()
    event.add("uid", f"{row.key.replace('/', '.')}.models@vector-lake")
    event.add("dtstamp", datetime.combine(date.fromisoformat(taken), datetime.min.time(), UTC))
    event.add("sequence", row.sequence)
    event.add("dtstart", day)
    event.add("dtend", day + timedelta(days=1))
    event.add("summary", f"{row.name}: {row.model} {row.version} retires")
    event.add("description", f"{row.account}, {row.sku}: {row.on_that_day}")
    event.add("transp", "TRANSPARENT")
    for days in ALARM_DAYS:
        event.add_component(to_alarm(row, days))
    return event


def to_alarm(row: Row, days: int) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("trigger", timedelta(days=-days))
    alarm.add("description", f"{row.name}: {row.model} retires in {days} days")
    return alarm
