"""Which of the candidates Azure has, and whether they are this stack's. It changes nothing in Azure.

First the pending operations are waited for, then the creates that Pulumi plans are asked for, level by level: the
inputs of a resource are known when the resources that it depends on are in the state.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from jobs.errors import ErrorKind, JobError
from jobs.notice import say_if_slow
from jobs.recover.candidates import Candidate, find_pending, find_planned, find_subscription, pending_creates
from jobs.recover.ownership import find_objection
from jobs.recover.resource_ids import build_id, describe_id
from jobs.recover.scratch import Scratch
from jobs.recover.settled import describe_end, is_busy
from jobs.recover.state import CREATING, DELETING, Record, State, ids, urns, without_missing_references
from jobs.wait import Sleep, backoff, wait_until

VISIBLE_SECONDS = 30.0  # Azure shows a resource by then after its create has begun, or not at all
MAX_SECONDS = 3600.0  # the slowest, a server or a private endpoint, is done within the half


@dataclass(frozen=True)
class Found:
    """A resource of the state or of Azure. `reason` says why it is left alone, or how Azure ended it."""

    urn: str
    id: str
    reason: str = ""

    def __str__(self) -> str:
        name = describe_id(self.id) if self.id else self.urn.rpartition("::")[2]
        return f"{name} ({self.reason})" if self.reason else name


@dataclass
class LookUp:
    """What was found. `resources` are those of the state as they should be."""

    scratch: Scratch
    resources: list[Record]
    taken: list[Found] = field(default_factory=list)
    absent: list[Found] = field(default_factory=list)
    foreign: list[Found] = field(default_factory=list)
    gone: list[Found] = field(default_factory=list)

    def ask(self, candidates: Sequence[Candidate], state: State | None = None, sleep: Sleep | None = None) -> int:
        """Ask Azure for candidates until it has finished them; take what is this stack's. Returns how many that are.

        With a `state` the question is also whether its pending operations have had their effect.
        """
        answer: list[Record] = []

        def is_settled() -> bool:
            answer[:] = self._answer(candidates, everything=state is not None and has_others(state))
            return not is_busy(answer, candidates) and (state is None or is_effective(state, answer, candidates))

        names = ", ".join(describe_id(each.id) for each in candidates[:3])
        with say_if_slow(f"Waiting until Azure has finished {names or 'what was begun'}"):
            if not wait_until(is_settled, every=backoff(2, 15), at_most=MAX_SECONDS, sleep=sleep):
                raise JobError(
                    f"Azure has not finished {names or 'what was begun'} within {MAX_SECONDS / 60:.0f} minutes, and "
                    "nothing was changed: run the same command again.",
                    ErrorKind.unavailable,
                )
        return self._accept(candidates, answer)

    def _answer(self, candidates: Sequence[Candidate], everything: bool) -> list[Record]:
        """The resources after Azure was asked for the candidates, or for everything."""
        if not candidates and not everything:
            return self.resources
        self.scratch.load(put_in(self.resources, candidates))
        return self.scratch.refresh([] if everything else [each.urn for each in candidates])

    def _accept(self, candidates: Sequence[Candidate], answer: Sequence[Record]) -> int:
        """Take what Azure has and is this stack's, and leave out what is not."""
        found = {str(each["urn"]): each for each in answer}
        known = ids(answer) - {each.id.lower() for each in candidates}
        refused, taken = set(), len(self.taken)
        for each in candidates:
            if each.urn not in found:
                self.absent.append(Found(each.urn, each.id))
            elif objection := find_objection(each, found[each.urn], known):
                self.foreign.append(Found(each.urn, each.id, objection))
                refused.add(each.urn)
            else:
                known.add(each.id.lower())
                self.taken.append(Found(each.urn, each.id, describe_end(found[each.urn])))
        asked = {each.urn for each in candidates}
        self.gone += [
            Found(str(each["urn"]), str(each.get("id") or ""))
            for each in self.resources
            if each["urn"] not in found and each["urn"] not in asked
        ]
        kept = [each for each in answer if each["urn"] not in refused]
        self.resources = without_missing_references(put_back(self.resources, kept))
        return len(self.taken) - taken


def look_up(scratch: Scratch, state: State, sleep: Sleep | None = None) -> LookUp:
    """Everything that Azure has and the state lacks. Raises JobError; nothing was changed then."""
    found = LookUp(scratch, state.resources)
    subscription = find_subscription([state.resources, state.operations])
    if not subscription:  # the group's own create was interrupted
        scratch.load(found.resources)
        subscription = find_subscription(scratch.plan())
    pending = find_pending(state.operations, subscription)
    if pending or has_others(state):
        found.ask([each for each in pending if each.urn not in urns(live(state.resources))], state, sleep)
    take_planned(found, {each.id.lower() for each in pending}, sleep)
    return found


def take_planned(found: LookUp, asked: set[str], sleep: Sleep | None) -> None:
    """Take what Pulumi plans to create and Azure has. `asked` are the IDs that were asked for before, in lower case.

    A resource whose inputs are known is asked for first: what it adds to the state makes those of others known.
    """
    absent = list(found.absent)
    while planned := plan_creates(found, asked):
        levels = ([each for each in planned if each.is_complete], [each for each in planned if not each.is_complete])
        for level in filter(None, levels):
            asked |= {each.id.lower() for each in level}
            if found.ask(level, sleep=sleep):
                break
        else:
            break
    found.absent = absent  # a planned create that is not there is what a plan is for


def plan_creates(found: LookUp, asked: Collection[str]) -> list[Candidate]:
    """The planned creates that were not asked for."""
    found.scratch.load(found.resources)
    plan = found.scratch.plan()
    subscription = find_subscription([found.resources, plan])
    planned = find_planned(plan, found.resources, subscription)
    return [each for each in planned if each.id.lower() not in asked]


def live(resources: Sequence[Record]) -> list[Record]:
    """Those that the stack has, without those that are about to be replaced or deleted."""
    return [each for each in resources if not each.get("pendingReplacement") and not each.get("delete")]


def put_in(resources: Sequence[Record], candidates: Sequence[Candidate]) -> list[Record]:
    """The resources with the candidates, each in place of the one that it replaces, else at the end."""
    new = {each.urn: each.record for each in candidates}
    kept = [each for each in resources if each["urn"] not in new or each.get("delete")]
    components = {str(each["urn"]): each for candidate in candidates for each in candidate.components}
    missing = [each for urn, each in components.items() if urn not in urns(kept)]
    return without_missing_references([*kept, *missing, *new.values()])


def put_back(before: Sequence[Record], after: Sequence[Record]) -> list[Record]:
    """The resources, and those whose replacement Azure does not have: they are still to be replaced."""
    present = urns(after)
    return [*after, *(each for each in before if each.get("pendingReplacement") and each["urn"] not in present)]


def has_others(state: State) -> bool:
    """Whether an update or a deletion was interrupted: then the whole state has to be compared with Azure."""
    return any(each.get("type") != CREATING for each in state.operations)


def is_effective(state: State, answer: Sequence[Record], candidates: Sequence[Candidate]) -> bool:
    """Whether Azure shows the effect of every create and deletion that was begun, or has had the time for it."""
    deleted = urns(each["resource"] for each in state.operations if each.get("type") == DELETING)
    waiting = {each.urn for each in candidates} - urns(answer) or deleted & urns(live(answer))
    age = (datetime.now(UTC) - state.written).total_seconds()
    return not waiting or age > VISIBLE_SECONDS


def unknown_creates(state: State) -> list[Found]:
    """The pending creates of types whose ID only a person knows; those of other providers exist in the state only."""
    subscription = find_subscription([state.resources, state.operations]) or "unknown"
    return [
        Found(str(each["urn"]), "", str(each["type"]))
        for each in pending_creates(state.operations)
        if str(each["type"]).startswith("azure-native:")
        and not build_id(str(each["type"]), each.get("inputs") or {}, subscription)
    ]
