"""pause and resume: stop paying for the database's compute without losing anything, and go on later."""

import time
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import repeat
from math import inf
from pathlib import Path

from jobs.azure.arm import Arm
from jobs.errors import ErrorKind, JobError
from jobs.pause.note import NOTES, PauseNote
from jobs.pause.server import POLL_SECONDS, STOPPED, Server
from jobs.postgres.connection import fetch_value, open_connection
from jobs.target import Target, load_target
from jobs.wait import Sleep, wait_until

# After these Azure starts the server again: https://learn.microsoft.com/azure/postgresql/configure-maintain/how-to-stop-server
STOPPED_FOR = timedelta(days=7)
LOGIN_ATTEMPTS = 6  # a server that has just started refuses the first ones


@dataclass(frozen=True, kw_only=True)
class PauseResult:
    """`restarts_on` is the day when Azure starts the server again, None where it is not known who stopped it when.

    `refusal` is why the trigger's state is unknown, or why it is still on.
    """

    stack: str
    server: str
    state: str
    already: bool
    restarts_on: str | None
    trigger_stopped: bool
    refusal: str

    def summary(self) -> str:
        was = "was stopped already" if self.already else "is stopped"
        trigger = ", the daily trigger too" if self.trigger_stopped else ""
        when = f"on {self.restarts_on}" if self.restarts_on else "seven days after it was stopped"
        refusal = f"The daily trigger may still be on. {self.refusal}\n" if self.refusal else ""
        return (
            f"The server {self.server} {was}{trigger}.\n{refusal}"
            f"Its storage is billed all the same, and Azure starts it again {when}: pause it again then.\n"
            f"`python -m jobs resume --target {self.stack}` goes on."
        )


@dataclass(frozen=True, kw_only=True)
class ResumeResult:
    """`answers` is None for a server without a public address, which answers within its network only.

    `refusal` says why the server does not accept connections from this machine.
    """

    stack: str
    server: str
    state: str
    already: bool
    answers: bool | None
    refusal: str
    trigger_started: bool

    def summary(self) -> str:
        was = "ran already" if self.already else "runs"
        where = {
            True: " and answers",
            None: " and answers within its network only",
            False: ", but does not accept your connection",
        }
        started = f"`python -m jobs resume --target {self.stack} --trigger` starts it"
        trigger = (
            "The daily trigger is on again." if self.trigger_started else f"The daily trigger is as it was: {started}."
        )
        return "\n".join(filter(None, [f"The server {self.server} {was}{where[self.answers]}.", self.refusal, trigger]))


def pause_stack(stack: str, outputs: Path | None = None, sleep: Sleep = time.sleep) -> PauseResult:
    """Stop the daily trigger, then the server; the result says what was stopped before. Raises JobError."""
    target = load_cloud_target(stack, outputs)
    with Arm() as arm:
        server = Server(arm, target, sleep)
        properties = server.wait_until_settled()
        already = properties["state"] == STOPPED
        note, refusal = stop_daily_trigger(target, stack, already)
        if not already:
            properties = server.change_state("stop")
            note = replace(note, since=today().isoformat())
            NOTES.write(stack, note)
    return PauseResult(
        stack=stack,
        server=server.name,
        state=str(properties["state"]),
        already=already,
        restarts_on=restart_date(note.since),
        trigger_stopped=note.trigger and not refusal,
        refusal=refusal,
    )


def stop_daily_trigger(target: Target, stack: str, already: bool) -> tuple[PauseNote, str]:
    """Stop the daily trigger. Returns whether it was on, and why Data Factory refused, which is not fatal.

    The note is written before the stop: a run that is killed in between forgets nothing.
    """
    last = NOTES.read(stack) or PauseNote(None, False)
    is_valid = already or last.since is None  # what an earlier run noted
    note = PauseNote(last.since if already else None, trigger=is_valid and last.trigger)
    NOTES.write(stack, note)
    try:
        if trigger_is_on(target):
            note = replace(note, trigger=True)
            NOTES.write(stack, note)
            set_trigger(target, on=False)
    except JobError as error:
        return note, str(error)
    return note, ""


def resume_stack(
    stack: str, outputs: Path | None = None, trigger: bool | None = None, sleep: Sleep = time.sleep
) -> ResumeResult:
    """Start the server, then the daily trigger if `pause` stopped it (or as `trigger` says), and connect to the server.

    Raises JobError where Azure refuses. A server that runs but does not accept the connection is in the result.
    """
    target = load_cloud_target(stack, outputs)
    with Arm() as arm:
        server = Server(arm, target, sleep)
        properties = server.wait_until_settled()
        already = properties["state"] != STOPPED
        if not already:
            properties = server.change_state("start")
    note = NOTES.read(stack)
    start_trigger = trigger if trigger is not None else bool(note and note.trigger)
    if start_trigger:
        set_trigger(target, on=True)
    NOTES.delete(stack)
    is_private = (properties.get("network") or {}).get("publicNetworkAccess") == "Disabled"
    refusal = "" if is_private else wait_until_accepting(target, sleep)
    return ResumeResult(
        stack=stack,
        server=server.name,
        state=str(properties["state"]),
        already=already,
        answers=None if is_private else not refusal,
        refusal=refusal,
        trigger_started=start_trigger,
    )


def load_cloud_target(stack: str, outputs: Path | None) -> Target:
    """The target of a stack. Raises JobError for `local`, which has nothing that is billed."""
    if stack == "local":
        raise JobError("The laptop's services cost nothing: `python -m jobs local down` stops them.", ErrorKind.invalid)
    return load_target(stack, outputs)


def wait_until_accepting(target: Target, sleep: Sleep) -> str:
    """Connect to the database, again while it refuses. Returns why it still refuses; nothing once it accepts."""
    refusal = ""

    def is_accepting() -> bool:
        nonlocal refusal
        try:
            with open_connection(target) as db:
                fetch_value(db, "SELECT 1")
        except JobError as error:
            refusal = str(error)
            return False
        return True

    pauses = repeat(POLL_SECONDS, LOGIN_ATTEMPTS - 1)
    return "" if wait_until(is_accepting, every=pauses, at_most=inf, sleep=sleep) else refusal


def trigger_is_on(target: Target) -> bool:
    from jobs.pipeline import trigger  # the SDK of Data Factory takes a second to import

    try:
        return trigger.trigger_status(target).runtime_state == trigger.STARTED
    except trigger.TriggerNotFoundError:
        return False


def set_trigger(target: Target, on: bool) -> None:
    from jobs.pipeline import trigger

    (trigger.start_trigger if on else trigger.stop_trigger)(target)


def restart_date(since: str | None) -> str | None:
    """The day when Azure starts a server that was stopped on `since`; None for a day in the past."""
    day = date.fromisoformat(since) + STOPPED_FOR if since else None
    return day.isoformat() if day and day >= today() else None


def today() -> date:
    return datetime.now(UTC).date()
