"""End a migration: delete the old deployment, or go back and delete the new one. Under the same proof."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from jobs.errors import ErrorKind, JobError
from jobs.models import clock
from jobs.models.deployments import DELETING, SUCCEEDED, Deployment
from jobs.models.migrate.delete import delete_and_look
from jobs.models.migrate.guards import check_deletable, check_typed, check_weightless
from jobs.models.migrate.proof import Ask, prove_quiet, send_probe, summary_line
from jobs.models.migrate.rehearse import rehearse, resume_if_paused
from jobs.models.migrate.result import Step, to_step
from jobs.models.migrate.session import Session
from jobs.models.migrate.state import Migration, Phase, check_same
from jobs.models.routing import Routing


@dataclass(frozen=True)
class End:
    """Which deployment goes and which stays, and the phases of that."""

    verb: str
    gone: str
    stays: str
    deleting: Phase
    ended: Phase
    created: str
    model: str


def finish(session: Session, ask: Ask) -> Step:
    """Delete the old deployment once nobody calls it. Raises JobError and AzureError."""
    at = session.migration()
    if at.phase in (Phase.returning, Phase.deleting_new, Phase.back, Phase.begun):
        raise wrong_phase(session, at, "back" if at.phase != Phase.begun else "start")
    return end(session, End("finish", at.old, at.new, Phase.finishing, Phase.done, at.old_created, at.old_model), ask)


def back(session: Session, ask: Ask) -> Step:
    """Give the old one all weight, and delete the new one once nobody calls it. Raises JobError and AzureError."""
    at = session.migration()
    if at.phase in (Phase.finishing, Phase.done):
        raise wrong_phase(session, at, "finish")
    if at.phase in (Phase.begun, Phase.started):
        if session.find(at.old) is None:
            raise JobError(f"{at.old} is gone: there is nothing to go back to.", ErrorKind.conflict)
        session.keep(phase=Phase.returning)
    before = session.own_weights()
    if before.weights and at.new in before.weights:
        session.set_weights(before, {at.old: 100, at.new: 0})
    one = End("back", at.new, at.old, Phase.deleting_new, Phase.back, at.new_created, at.target)
    return end(session, one, ask)


def describe_end(session: Session, verb: str, ask: Ask) -> str:
    """What finish or back does."""
    at = session.migration()
    gone, stays = (at.old, at.new) if verb == "finish" else (at.new, at.old)
    if ask.unproved is not None:
        return f"Deletes {gone} without a proof that nobody calls it; {stays} stays."
    return f"Deletes {gone} once nobody has called it for {ask.minutes} minutes; {stays} stays."


def wrong_phase(session: Session, at: Migration, verb: str) -> JobError:
    return JobError(
        f"The migration of {at.alias} is {at.phase}: `{session.command(verb)}` goes on with it.", ErrorKind.conflict
    )


def end(session: Session, one: End, ask: Ask) -> Step:
    """Prove, delete, look until it is gone, and clean up. Each step is found done when the command runs again."""
    check_typed(one.gone, ask.unproved)
    resume_if_paused(session)
    at, said, deleted = session.migration(), [], None
    if at.phase == one.ended:
        return to_step(session, session.weights().weights, proof=at.proof or None)
    found = session.find(one.gone)
    if found is not None:
        if not (at.phase == one.deleting and found.state == DELETING):
            said.append(prove(session, one, found, ask))
        delete_and_look(session, found)
        deleted = one.gone
    elif at.phase not in (one.deleting, Phase.returning):
        raise JobError(
            f"{one.gone} is gone, and this migration has not deleted it ({at.phase}): `{session.command('status')}` "
            f"shows what there is; delete {at.alias}.json of the state folder to forget it.",
            ErrorKind.conflict,
        )
    text = session.forget_entry(one.gone)
    routing = session.weights()
    if one.gone in routing.weights:
        routing = session.set_weights(routing, {one.stays: 100})
    session.keep(phase=one.ended)
    proof = session.migration().proof
    calls = {one.gone: 0.0, **proof["control"]} if "control" in proof else {}
    return to_step(
        session, routing.weights, calls=calls, proof=proof or None, deleted=deleted, said=tuple(said), next=text
    )


def prove(session: Session, one: End, found: Deployment, ask: Ask) -> str:
    """Check everything that allows the deletion, and write it down. Returns the sentence. Raises JobError."""
    check_same(session.migration(), found, one.created, one.model)
    check_serving(session, one.stays)
    routing = session.own_weights()
    if one.gone in routing.weights or one.verb == "finish":
        check_weightless(routing, one.gone, session.command("shift", "100"))
    check_deletable(session, found, ask.unproved)
    record: dict[str, Any] = {"unproved": True, "asked": [clock.text(clock.now())]}
    said = f"{one.gone}: deleted without a proof, because its name was typed"
    if ask.unproved is None:
        since = weights_since(session, routing)
        if ask.rehearse is not None:
            rehearse(session, found, ask.rehearse)
        if ask.probe:
            send_probe(session, one.stays)
        quiet, record = prove_quiet(session, one.gone, ask, since)
        said = summary_line(one.gone, quiet, since, quiet.control)
    recheck(session, one, found, routing, ask)
    session.keep(phase=one.deleting, proof=record)
    return said


def weights_since(session: Session, routing: Routing) -> datetime:
    """Since when the weight has been 0. A new deployment that never had any weight: since it was created."""
    text = routing.changed or session.migration().new_created or clock.text(clock.now())
    return clock.parse(text)


def check_serving(session: Session, name: str) -> None:
    """Raise JobError where the deployment that stays is not there, or not Succeeded: it would leave nothing."""
    stays = session.find(name)
    if stays is None or stays.state != SUCCEEDED:
        state = stays.state if stays else "gone"
        raise JobError(f"Nothing deleted: {name}, which has to stay, is {state}.", ErrorKind.conflict)


def recheck(session: Session, one: End, found: Deployment, routing: Routing, ask: Ask) -> None:
    """Raise JobError where something changed while the proof was made: minutes went by."""
    session.read()
    now, weights = session.find(one.gone), session.weights()
    if now is None or now.created != found.created or weights.tag != routing.tag:
        raise JobError(
            f"Nothing deleted: {one.gone} or its weights changed meanwhile. Run the same command again.",
            ErrorKind.conflict,
        )
    check_deletable(session, now, ask.unproved)
    check_serving(session, one.stays)
