"""Whether a migration is possible, and its steps: every check is made, also after one that fails."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from jobs.errors import ErrorKind, JobError
from jobs.models import checks
from jobs.models.change import all_offers, check_provisioned_room
from jobs.models.deployments import Deployment, new_deployment
from jobs.models.exits import NotOfferedError, worst_status
from jobs.models.life import effective_policy
from jobs.models.migrate.session import Session
from jobs.models.migrate.state import ENDED
from jobs.models.offers import Offer, today
from jobs.models.target_model import TargetModel, parse_target


@dataclass(frozen=True)
class Checked:
    """One check. `status` is the exit status where it failed."""

    name: str
    ok: bool
    message: str
    status: int = 0


@dataclass(frozen=True)
class MigrationPlan:
    """The checks and the steps."""

    ok: bool
    checks: tuple[Checked, ...]
    steps: tuple[str, ...]

    @property
    def status(self) -> int:
        return worst_status(each.status for each in self.checks if not each.ok)

    def summary(self) -> str:
        lines = [f"{'ok' if each.ok else 'problem':<8} {each.name:<9} {each.message}" for each in self.checks]
        return "\n".join([*lines, *(f"{number}. {step}" for number, step in enumerate(self.steps, 1))])


@dataclass(frozen=True)
class Wanted:
    """What the options say about the new deployment; None: as the old one."""

    target: str
    sku: str | None = None
    capacity: int | None = None
    name: str | None = None
    runway: int = 90


def find_old(session: Session) -> Deployment:
    """The deployment that a migration begins with: the one with all weight, or the one of the alias's name.

    Raises JobError where there is none.
    """
    at = session.state if session.state and session.state.phase not in ENDED else None
    weights = session.weights().weights
    name = at.old if at else next(iter(weights), session.alias)
    found = session.find(name)
    if found is None:
        raise JobError(
            f"{session.account.name} has no deployment {name}: `models report` lists all.", ErrorKind.not_found
        )
    return found


def wanted_values(session: Session, old: Deployment, options: Wanted) -> dict[str, Any]:
    """The values of the new deployment: as the old one, where the options do not say otherwise."""
    target = parse_target(options.target, old.model)
    return {
        "model": target.model,
        "version": target.version,
        "format": old.format,
        "sku": options.sku or old.sku,
        "capacity": options.capacity or old.capacity,
        "policy": effective_policy(old.policy),
        "content_filter": str(old.properties.get("raiPolicyName") or ""),
    }


def new_name(session: Session, old: Deployment, options: Wanted) -> str:
    """The name of the new deployment: that of --as, of the migration at work, or the next free number."""
    at = session.state
    if at and at.phase not in ENDED and at.old.lower() == old.name.lower():
        return at.new
    weights = [each for each in session.weights().weights if each.lower() != old.name.lower()]
    if options.name or weights:
        return options.name or weights[0]
    base = session.alias.rpartition("-")[0] if session.alias.rpartition("-")[2].isdigit() else session.alias
    taken = {*session.deployments, *entry_names(session)}
    return next(name for number in range(2, 1000) if (name := f"{base}-{number}").lower() not in taken)


def entry_names(session: Session) -> set[str]:
    config = session.account.config
    return {str(each.get("alias")).lower() for each in config.models} if config else set()


def check_migration(
    session: Session, old: Deployment, new: str, wanted: Mapping[str, Any], runway: int
) -> list[Checked]:
    """Every check of a new deployment beside the old one."""
    asked = Deployment({"name": new, **new_deployment(wanted)})
    target = TargetModel(wanted["model"], wanted["version"])
    offers = all_offers(session.arm, session.account, asked)
    found: list[Offer] = []

    def offered() -> str:
        found.append(checks.find_target(asked, target, offers, session.account.region))
        return f"{target} {asked.sku} in {session.account.region}"

    def other() -> str:
        if (old.model, old.version, old.sku.lower()) == (*target, asked.sku.lower()):
            raise NotOfferedError(f"{old.name} is {target} {asked.sku} already: there is nothing to migrate.")
        return f"{old.name} is {old.model} {old.version}"

    done = [run_check("offered", offered), run_check("other", other)]
    if not found:
        return done
    offer = found[0]
    return [*done, *offer_checks(session, offer, asked, runway)]


def offer_checks(session: Session, offer: Offer, asked: Deployment, runway: int) -> list[Checked]:
    """The checks of what Azure offers. The quota has to be free for both at once."""
    until = offer.retires or "no date"
    room = f"{offer.free:g} free" if offer.free is not None else "not one of the region"
    return [
        run_check("lifetime", lambda: checks.check_alive(offer, today(), runway), f"until {until}"),
        run_check("capacity", lambda: checks.check_capacity(offer, asked.capacity, asked.kind), str(asked.capacity)),
        run_check("quota", lambda: checks.check_quota(offer, asked.capacity, ""), f"{room}, for both at once"),
        run_check(
            "room",
            lambda: (
                check_provisioned_room(session.arm, session.account, offer, asked.capacity)
                if asked.kind == "provisioned"
                else None
            ),
            session.account.region,
        ),
    ]


def run_check(name: str, check: Callable[[], object], text: str = "") -> Checked:
    try:
        answer = check()
    except JobError as error:
        return Checked(name, False, str(error), error.status)
    return Checked(name, True, str(answer) if answer else text)


def plan_migration(session: Session, options: Wanted) -> MigrationPlan:
    """The checks and steps of a migration. Changes nothing. Raises JobError without the old deployment."""
    old = find_old(session)
    wanted, new = wanted_values(session, old, options), new_name(session, old, options)
    done = [] if session.find(new) else check_migration(session, old, new, wanted, options.runway)
    return MigrationPlan(all(each.ok for each in done), tuple(done), tuple(steps(session, old, new, wanted)))


def steps(session: Session, old: Deployment, new: str, wanted: Mapping[str, Any]) -> list[str]:
    config, alias = session.account.config, session.alias
    create = (
        f"{config.file} gets the entry {new}; `pulumi up` creates it; `start` again" if config else f"creates {new}"
    )
    twice = (
        "; both bill by the hour until then"
        if old.kind == "provisioned" or "provisioned" in wanted["sku"].lower()
        else ""
    )
    return [
        f"`models migrate start {alias} {wanted['model']}@{wanted['version']}` {create}, with weights 100 to 0",
        f"`models migrate shift {alias} 10`, and more, up to 100: applications follow within 30 seconds",
        f"`models migrate status {alias}` compares the weights with the calls",
        f"`models migrate finish {alias}` deletes {old.name} once it is proved that nobody calls it{twice}",
    ]
