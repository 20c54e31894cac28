"""The time, in UTC: one function, so that a test can be at any other."""

from datetime import UTC, datetime, timedelta

from jobs.errors import ErrorKind, JobError

MOST_OFF = timedelta(minutes=1)


def now() -> datetime:
    return datetime.now(UTC)


def check_clock(azures: datetime | None) -> None:
    """Raise JobError where this computer's clock is off: its times are compared with those of Azure's metrics."""
    off = now() - azures if azures else timedelta()
    if abs(off) > MOST_OFF:
        way = "ahead of" if off > timedelta() else "behind"
        raise JobError(
            f"This computer's clock is {abs(off).total_seconds() / 60:.0f} minutes {way} Azure's: set it, then run the "
            "same command again.",
            ErrorKind.invalid,
        )


def text(moment: datetime) -> str:
    """A moment as Azure writes it, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse(moment: str) -> datetime:
    """The moment of such a text, in UTC."""
    found = datetime.fromisoformat(moment)
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
