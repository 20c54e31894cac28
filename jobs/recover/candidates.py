"""What Azure may have and the state does not: creates that never ended, and creates that Pulumi plans."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jobs.recover.resource_ids import build_id
from jobs.recover.state import CREATING, Record, ids, urns

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"  # Pulumi's mark of an input that depends on what does not exist yet
SECRET = "[secret]"  # noqa: S105 - what Pulumi shows in its place
SUBSCRIPTION = re.compile(r"/subscriptions/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\b", re.IGNORECASE)


@dataclass(frozen=True)
class Candidate:
    """A resource to ask Azure for: its record in the state, with the ID that it would have.

    `components` are the records of the components that it is part of; the state may lack them too. `is_complete` says
    whether all its inputs are known, secrets excepted.
    """

    record: Record
    components: tuple[Record, ...] = ()
    is_complete: bool = True

    @property
    def urn(self) -> str:
        return str(self.record["urn"])

    @property
    def id(self) -> str:
        return str(self.record["id"])

    @property
    def inputs(self) -> Mapping[str, Any]:
        inputs = self.record.get("inputs")
        return inputs if isinstance(inputs, dict) else {}


def find_subscription(records: Iterable[Any]) -> str:
    """The subscription of the first ID in the records; empty where none of them has an ID."""
    return next((found[1] for found in map(SUBSCRIPTION.search, texts(records)) if found), "")


def texts(value: Any) -> Iterable[str]:
    """Every text inside a value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from texts(value.values())
    elif isinstance(value, Iterable):
        for each in value:
            yield from texts(each)


def pending_creates(operations: Sequence[Record]) -> list[Record]:
    """The resources whose create has begun, and never ended for Pulumi."""
    return [each["resource"] for each in operations if each.get("type") == CREATING and each.get("resource")]


def find_pending(operations: Sequence[Record], subscription_id: str) -> list[Candidate]:
    """The candidates among the pending creates: those of a type with a known path."""
    return [
        Candidate(record | {"id": resource_id})
        for record in pending_creates(operations)
        if (resource_id := build_id(str(record.get("type")), record.get("inputs") or {}, subscription_id))
    ]


def find_planned(plan: Sequence[Record], state: Sequence[Record], subscription_id: str) -> list[Candidate]:
    """The candidates among the creates of a plan.

    Their provider must be in the state. An input that is a secret, or that depends on what does not exist yet, is left
    out: the next `pulumi up` sets it. One whose change replaces the resource must be known.
    """
    records = [step["newState"] for step in plan if step.get("op") == "create" and step.get("newState")]
    by_urn, known, known_ids = {str(each["urn"]): each for each in records}, urns(state), ids(state)
    providers = {f"{each['urn']}::{each.get('id')}" for each in state}
    found = []
    for record in records:
        inputs = without_hidden(record.get("inputs") or {})
        resource_id = build_id(str(record.get("type")), inputs, subscription_id)
        is_open = record["urn"] not in known and record.get("provider") in providers
        if is_open and resource_id and resource_id.lower() not in known_ids and is_keepable(record):
            parents = tuple(missing_parents(record, by_urn, known))
            is_complete = UNKNOWN not in texts(record.get("inputs"))
            found.append(Candidate(record | {"inputs": inputs, "id": resource_id}, parents, is_complete))
    return found


def is_keepable(record: Record) -> bool:
    """Whether every input is known whose change replaces the resource."""
    inputs = record.get("inputs") or {}
    tops = {str(path).partition(".")[0].partition("[")[0] for path in record.get("replaceOnChanges") or []}
    return UNKNOWN not in texts([inputs.get(top) for top in tops])


def missing_parents(record: Record, by_urn: Mapping[str, Record], known: set[str]) -> list[Record]:
    """The components above a planned resource that the state lacks, outermost first."""
    found: list[Record] = []
    parent = record.get("parent")
    while parent and parent not in known and parent in by_urn:
        found.insert(0, by_urn[parent])
        parent = by_urn[parent].get("parent")
    return found


def without_hidden(value: Any) -> Any:
    """The inputs of a plan without those that it does not show."""
    if isinstance(value, dict):
        return {key: without_hidden(each) for key, each in value.items() if each not in (SECRET, UNKNOWN)}
    if isinstance(value, list):
        return [without_hidden(each) for each in value if each not in (SECRET, UNKNOWN)]
    return value
