"""The proof that nobody calls a deployment: asked for twice, two minutes apart, and written down."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from jobs import terminal
from jobs.models import clock
from jobs.models.account import ModelAccount
from jobs.models.exits import NotProvedError
from jobs.models.migrate.session import Session
from jobs.models.probe import probe
from jobs.models.quiet import ROUTER_SECONDS, Quiet, check_no_calls, clock_text, find_quiet
from jobs.models.traffic import ask_counts
from jobs.wait import wait_until

AGAIN_SECONDS = 120.0
LAG = timedelta(hours=1)  # how far the metrics may be behind and still prove something


@dataclass(frozen=True)
class Ask:
    """How a deletion is proved. `unproved`: the name that the user typed instead; `probe`: send the other a request."""

    minutes: int = 10
    probe: bool = False
    unproved: str | None = None
    rehearse: int | None = None


def prove_quiet(session: Session, name: str, ask: Ask, since: datetime) -> tuple[Quiet, dict[str, Any]]:
    """The window in which nobody called `name`, and its record. `since`: when its weight became 0.

    Raises NotProvedError: then nothing was deleted.
    """
    others = [each.name for each in session.deployments.values() if each.name.lower() != name.lower()]
    not_before = next_minute(since + timedelta(seconds=ROUTER_SECONDS))
    clock.check_clock(session.arm.azures_time)
    try:
        first = look(session, name, others, ask.minutes, not_before)
        terminal.log(
            f"{name}: no call from {clock_text(first.start)} to {clock_text(first.end)}; asking again in 2 minutes."
        )
        pause(AGAIN_SECONDS)
        again = look_again(session, name, others, first)
    except NotProvedError as error:
        raise NotProvedError(f"Not proved, nothing deleted: {error}", error.kind) from error
    record = {
        "quiet_from": clock.text(first.start),
        "quiet_to": clock.text(first.end),
        "control": dict(first.control),
        "asked": [clock.text(first_asked) for first_asked in (again - timedelta(seconds=AGAIN_SECONDS), again)],
    }
    return first, record


def next_minute(moment: datetime) -> datetime:
    """The first minute that begins then or later: the metrics count whole ones."""
    whole = moment.replace(second=0, microsecond=0)
    return whole if whole == moment else whole + timedelta(minutes=1)


def look(session: Session, name: str, others: list[str], minutes: int, not_before: datetime) -> Quiet:
    end = clock.now()
    start = end - timedelta(minutes=minutes) - LAG
    counts = ask_counts(session.arm, session.account.path, start.replace(second=0, microsecond=0), end)
    return find_quiet(counts, name, others, minutes, not_before, rehearsal(session, name))


def rehearsal(session: Session, name: str) -> tuple[datetime, datetime] | None:
    """From when to when the deployment was paused, to the minute; None where it was not."""
    at = session.migration()
    if not at.rehearsed or name != at.old:
        return None
    begun, ended = (clock.parse(each).replace(second=0) for each in at.rehearsed)
    return begun, ended


def look_again(session: Session, name: str, others: list[str], first: Quiet) -> datetime:
    """Ask for the same window again: late points, and calls since, count. Returns when. Raises NotProvedError."""
    end = clock.now()
    start = min(first.start, end - LAG).replace(second=0, microsecond=0)
    counts = ask_counts(session.arm, session.account.path, start, end)
    newest = counts.newest(others)
    if not newest or min(newest) < first.end:
        raise NotProvedError("the second answer of the metrics shows less than the first. Run the same command again.")
    check_no_calls(counts, name, first.start)
    return end


def pause(seconds: float) -> None:
    wait_until(lambda: False, every=seconds, at_most=seconds)


def send_probe(session: Session, name: str) -> None:
    """Send a deployment one request, so that the metrics show it. Raises JobError where it does not answer."""
    found = session.find(name)
    if found is not None:
        probe(endpoint(session), found)


def endpoint(session: Session) -> str:
    """Where the account's models answer: in Azure's document of it."""
    from jobs.models.account import to_account
    from jobs.models.deployments import VERSION

    account: ModelAccount = session.account
    return account.endpoint or to_account(session.arm.get(account.path, VERSION), account).endpoint


def summary_line(name: str, quiet: Quiet, weights_since: datetime, control: Mapping[str, float]) -> str:
    """One sentence of the proof."""
    seen = ", ".join(f"{each}: {calls:g}" for each, calls in control.items())
    return (
        f"{name}: 0 calls from {clock_text(quiet.start)} to {clock_text(quiet.end)} ({seen}, last seen "
        f"{clock_text(quiet.end)}), asked twice; weights 0 since {clock_text(weights_since)}"
    )
