"""Begin a migration: the new deployment beside the old one, and weights of 100 to 0. Run again, it goes on."""

from collections.abc import Sequence

from jobs.errors import ErrorKind, JobError
from jobs.models import deploy
from jobs.models.account import check_name
from jobs.models.apply import How, make_change
from jobs.models.deployments import SUCCEEDED, Deployment
from jobs.models.exits import NotOfferedError, QuotaError, RetiredError, worst_status
from jobs.models.migrate.plan import Checked, Wanted, check_migration, find_old, new_name, wanted_values
from jobs.models.migrate.result import Step, to_step
from jobs.models.migrate.session import Session
from jobs.models.migrate.state import ENDED, Migration, Phase, check_same, write_state

ERRORS = {error.status: error for error in (QuotaError, RetiredError, NotOfferedError)}


def start(session: Session, options: Wanted, minutes: float) -> Step:
    """Begin, or go on. Raises JobError and AzureError."""
    at = begin(session, options)
    found = session.find(at.new)
    if found is None and session.account.config:
        deploy.configure(session.account, at.new, at.wanted, write=True)
        stack = session.account.choice.stack
        text = f"{session.account.config.file} has the entry {at.new}"
        return to_step(session, {}, next=f"run `pulumi up --stack {stack}`, then the same command again", said=(text,))
    plan = deploy.plan_deploy(session.arm, session.account, at.new, at.wanted, options.runway)
    make_change(session.arm, plan, How(minutes=minutes))
    session.read()
    created = session.find(at.new)
    if created is None or created.state != SUCCEEDED:
        raise JobError(f"{at.new} is not there: run the same command again.", ErrorKind.conflict)
    return begin_routing(session, created)


def begin(session: Session, options: Wanted) -> Migration:
    """The migration at work, or a new one, checked and written down. Raises JobError for another one at work."""
    old = find_old(session)
    wanted, new = wanted_values(session, old, options), new_name(session, old, options)
    if session.state and session.state.phase not in ENDED:
        return same_migration(session, session.state, old, wanted)
    check_name(new, "deployment")
    check_new_name(session, old, new)
    if session.find(new) is None:
        raise_gravest(check_migration(session, old, new, wanted, options.runway))
    place = session.state.routing if session.state else ""
    if session.routing_option:
        place = str(session.routing_option.resolve())
    session.state = write_state(
        session.account.name,
        Migration(
            alias=session.alias,
            old=old.name,
            new=new,
            wanted=wanted,
            phase=Phase.begun,
            old_created=old.created,
            old_model=f"{old.model} {old.version}",
            account=session.account.path,
            routing=place,
        ),
    )
    return session.state


def check_new_name(session: Session, old: Deployment, new: str) -> None:
    """Raise JobError for the old one, and one that is there and has no weight: `back` would delete what others made."""
    names = [each.lower() for each in session.weights().weights if each.lower() != old.name.lower()]
    if session.find(new) is not None and new.lower() not in names:
        raise JobError(
            f"{session.account.name} has a deployment {new} already: choose another name with --as.", ErrorKind.conflict
        )


def same_migration(session: Session, at: Migration, old: Deployment, wanted: dict[str, object]) -> Migration:
    """The migration at work. Raises JobError where the command asks for another one, or it is past its start."""
    check_same(at, old, at.old_created, at.old_model)
    asked = f"{wanted['model']} {wanted['version']}"
    if asked != at.target or at.phase not in (Phase.begun, Phase.started):
        raise JobError(
            f"{at.alias} is on its way from {at.old} to {at.new}, {at.target} ({at.phase}): end that first, with "
            f"`{session.command('finish')}` or `{session.command('back')}`.",
            ErrorKind.conflict,
        )
    return at


def raise_gravest(done: Sequence[Checked]) -> None:
    """Raise the gravest failed check, with its exit status."""
    failed = [each for each in done if not each.ok]
    if failed:
        status = worst_status(each.status for each in failed)
        gravest = next(each for each in failed if each.status == status)
        raise ERRORS.get(status, JobError)(gravest.message)


def begin_routing(session: Session, created: Deployment) -> Step:
    """Weights of 100 to 0, unless there are some for both already."""
    at = session.migration()
    check_same(at, created, at.new_created, at.target)
    session.keep(new_created=created.created, phase=Phase.started)
    before = session.weights()
    weights = dict(before.weights)
    if set(weights) != {at.old, at.new}:
        weights = {at.old: 100, at.new: 0}
    session.set_weights(before, weights)
    said = f"{at.old} and {at.new} serve; weights {', '.join(f'{name} {each}' for name, each in weights.items())}"
    return to_step(session, weights, said=(said,), next=f"`{session.command('shift', '10')}` moves the first share")
