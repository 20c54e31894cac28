"""pause and resume: stop paying for the database's compute without losing anything, and go on later."""

import time
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from jobs.azure.arm import Arm
from jobs.errors import JobError
from jobs.pause import note
from jobs.pause.note import Note
from jobs.pause.server import LOOK_SECONDS, STOPPED, Server, Wait
from jobs.postgres.connection import fetch_value, open_connection
from jobs.target import Target, load_target

# Then Azure starts the server: https://learn.microsoft.com/azure/postgresql/configure-maintain/how-to-stop-server
STAYS = timedelta(days=7)
ANSWER_LOOKS = 6


@dataclass(frozen=True, kw_only=True)
class PauseResult:
    """`restarts_on` is the day when Azure starts the server again, None where it is not known who stopped it when.

    `refusal` is why the trigger's state is not known, or why it is still on.
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

    `refusal` is the sentence of a server that does not let this machine in.
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
        where = {True: " and answers", None: " and answers within its network only", False: ", but not for you"}
        started = f"`python -m jobs resume --target {self.stack} --trigger` starts it"
        trigger = (
            "The daily trigger is on again." if self.trigger_started else f"The daily trigger is as it was: {started}."
        )
        return "\n".join(filter(None, [f"The server {self.server} {was}{where[self.answers]}.", self.refusal, trigger]))


def pause_stack(stack: str, outputs: Path | None = None, wait: Wait = time.sleep) -> PauseResult:
    """Stop the daily trigger, then the server. What is stopped already is left so, and said. Raises Failure."""
    target = load_cloud_target(stack, outputs)
    with Arm() as arm:
        server = Server(arm, target, wait)
        now = server.settled()
        already = now["state"] == STOPPED
        this, refusal = without_trigger(target, stack, already)
        if not already:
            now = server.turn("stop")
            this = replace(this, since=today().isoformat())
            note.write(stack, this)
    return PauseResult(
        stack=stack,
        server=server.name,
        state=str(now["state"]),
        already=already,
        restarts_on=restart(this.since),
        trigger_stopped=this.trigger and not refusal,
        refusal=refusal,
    )


def without_trigger(target: Target, stack: str, already: bool) -> tuple[Note, str]:
    """Stop the daily trigger; what was on, and Data Factory's refusal, which must not keep the server from stopping.

    The note comes before the stop: a run that is killed in between forgets nothing.
    """
    last = note.read(stack) or Note(None, False)
    goes_on = already or last.since is None  # what an earlier run noted still holds
    this = Note(last.since if already else None, trigger=goes_on and last.trigger)
    note.write(stack, this)
    try:
        if trigger_is_on(target):
            this = replace(this, trigger=True)
            note.write(stack, this)
            turn_trigger(target, on=False)
    except JobError as failure:
        return this, str(failure)
    return this, ""


def resume_stack(
    stack: str, outputs: Path | None = None, trigger: bool | None = None, wait: Wait = time.sleep
) -> ResumeResult:
    """Start the server, then the daily trigger if `pause` stopped it (or as `trigger` says), and knock at the server.

    Raises Failure where Azure refuses; a server that runs but does not let this machine in is told in the result.
    """
    target = load_cloud_target(stack, outputs)
    with Arm() as arm:
        server = Server(arm, target, wait)
        now = server.settled()
        already = now["state"] != STOPPED
        if not already:
            now = server.turn("start")
    last = note.read(stack)
    wanted = trigger if trigger is not None else bool(last and last.trigger)
    if wanted:
        turn_trigger(target, on=True)
    note.drop(stack)
    hidden = (now.get("network") or {}).get("publicNetworkAccess") == "Disabled"
    refusal = "" if hidden else wait_until_accepting(target, wait)
    return ResumeResult(
        stack=stack,
        server=server.name,
        state=str(now["state"]),
        already=already,
        answers=None if hidden else not refusal,
        refusal=refusal,
        trigger_started=wanted,
    )


def load_cloud_target(stack: str, outputs: Path | None) -> Target:
    """The target of a stack. Raises Failure for the laptop's, which has nothing that is billed."""
    if stack == "local":
        raise JobError("The laptop's services cost nothing: `python -m jobs local down` stops them.")
    return load_target(stack, outputs)


def wait_until_accepting(target: Target, wait: Wait) -> str:
    """Log in to the database, with patience: a server that has just started. Nothing, or why it lets nobody in."""
    for look in range(ANSWER_LOOKS):
        if look:
            wait(LOOK_SECONDS)
        try:
            with open_connection(target) as db:
                fetch_value(db, "SELECT 1")
            return ""
        except JobError as failure:
            refusal = str(failure)
    return refusal


def trigger_is_on(target: Target) -> bool:
    from jobs.pipeline import trigger  # the SDK of Data Factory takes a second to import

    try:
        return trigger.trigger_status(target).runtime_state == trigger.STARTED
    except trigger.TriggerNotFoundError:
        return False


def turn_trigger(target: Target, on: bool) -> None:
    from jobs.pipeline import trigger

    (trigger.start_trigger if on else trigger.stop_trigger)(target)


def restart(since: str | None) -> str | None:
    """The day when Azure starts a server that was stopped on that day; None for what is past: somebody else did it."""
    day = date.fromisoformat(since) + STAYS if since else None
    return day.isoformat() if day and day >= today() else None


def today() -> date:
    return datetime.now(UTC).date()
