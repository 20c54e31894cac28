"""Move a share of the requests to the new deployment, and compare the shares with what Azure counts."""

from datetime import timedelta

from jobs.errors import ErrorKind, JobError
from jobs.models import clock
from jobs.models.deployments import SUCCEEDED
from jobs.models.exits import NotOfferedError, NotProvedError
from jobs.models.migrate.proof import send_probe
from jobs.models.migrate.result import Step, to_step
from jobs.models.migrate.session import Session
from jobs.models.migrate.state import Phase
from jobs.models.quiet import ROUTER_SECONDS
from jobs.models.traffic import Counts, ask_counts

WINDOW = timedelta(minutes=60)
FEW_CALLS = 50  # below that a share says nothing
FAR_OFF = 20  # per cent that a share may differ from its weight


def shift(session: Session, share: int) -> Step:
    """Give the new deployment a share. Raises JobError where it is not ready, or has not answered a request."""
    at = session.migration()
    if at.phase != Phase.started:
        raise JobError(
            f"The migration of {at.alias} is {at.phase}: weights move between `start` and `finish`, or `back`.",
            ErrorKind.conflict,
        )
    new, old = session.find(at.new), session.find(at.old)
    if new is None or old is None or new.state != SUCCEEDED:
        states = f"{at.old} is {old.state if old else 'gone'}, {at.new} is {new.state if new else 'gone'}"
        raise JobError(f"Nothing moved: {states}.", ErrorKind.conflict)
    if share:
        check_answers(session, at.new)
    weights = {at.old: 100 - share, at.new: share}
    session.set_weights(session.own_weights(), weights)
    said = (
        f"{at.alias}: weights {at.old} {100 - share}, {at.new} {share}; applications follow within {ROUTER_SECONDS} s"
    )
    verb = "finish" if share == 100 else "status"
    return to_step(session, weights, said=(said,), next=f"next: `{session.command(verb)}`")


def describe_shift(session: Session, share: int) -> str:
    """What a shift does."""
    at, before = session.migration(), session.own_weights().weights
    old, new = (f"{name} {before.get(name)}" for name in (at.old, at.new))
    return f"{old} -> {100 - share}, {new} -> {share}"


def check_answers(session: Session, name: str) -> None:
    """Raise JobError where a deployment has not answered: one request of ours, or any that the metrics show."""
    try:
        send_probe(session, name)
    except NotOfferedError:
        counts = recent_counts(session)
        if not counts.total(name, counts.start):
            raise


def recent_counts(session: Session) -> Counts:
    end = clock.now()
    return ask_counts(session.arm, session.account.path, (end - WINDOW).replace(second=0, microsecond=0), end)


def status(session: Session) -> Step:
    """The weights that were asked for, and the calls of the last minutes. Changes nothing."""
    at = session.migration()
    routing = session.weights()
    try:
        calls, said = compare_calls(session, dict(routing.weights), routing.changed)
    except NotProvedError as error:
        calls, said = {}, [f"The calls are not known: {error}"]
    weights = ", ".join(f"{name} {weight}" for name, weight in routing.weights.items()) or "none yet"
    head = f"{at.alias}: {at.phase}, {at.old} to {at.new} ({at.target}); weights {weights}"
    if at.paused:
        said.append(f"{at.old} is paused since {at.paused}: `finish` and `back` resume it first")
    return to_step(session, routing.weights, calls=calls, said=(head, *said), next=next_step(session))


def compare_calls(session: Session, weights: dict[str, int], changed: str) -> tuple[dict[str, float], list[str]]:
    """The calls since the weights changed, of the last hour at most, and what does not follow the weights."""
    counts = recent_counts(session)
    since = counts.start
    if changed:
        after = clock.parse(changed) + timedelta(seconds=ROUTER_SECONDS + 60)
        since = max(since, after.replace(second=0, microsecond=0))
    calls = {name: counts.total(name, since) for name in weights}
    newest = max(counts.newest(list(session.deployments)), default=since)
    minutes = max((newest - since).total_seconds() / 60 + 1, 1)
    total = sum(calls.values())
    lines = [f"calls since {since:%H:%M}: {', '.join(f'{name} {each:g}' for name, each in calls.items())}"]
    for name, weight in weights.items():
        if weight == 0 and calls[name]:
            lines.append(f"{calls[name] / minutes:.2g} a minute still go to {name}: somebody does not use the router")
        elif total >= FEW_CALLS and abs(100 * calls[name] / total - weight) > FAR_OFF:
            share = 100 * calls[name] / total
            lines.append(
                f"{name} has {share:.0f} % of the calls and a weight of {weight}: not everybody uses the router"
            )
    return calls, lines


def next_step(session: Session) -> str:
    verbs = {
        Phase.begun: "start",
        Phase.started: "shift",
        Phase.finishing: "finish",
        Phase.returning: "back",
        Phase.deleting_new: "back",
    }
    verb = verbs.get(session.migration().phase)
    more = {"start": "MODEL@VERSION", "shift": "PERCENT"}.get(verb or "", "")
    return f"`{session.command(verb, more)}` goes on" if verb else ""
