"""The state of a stack, as `pulumi stack export` prints it: its resources, and the operations that never ended."""

import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeAlias

from jobs.errors import ErrorKind, JobError
from jobs.recover.lock import Lock, parse_locks
from jobs.stack import LOCKED, SHOW_SECRETS, UNREADABLE, call_pulumi, pulumi_error

Record: TypeAlias = dict[str, Any]  # one resource of the state
PENDING, SECRETS = "pending_operations", "secrets_providers"
CREATING, DELETING = "creating", "deleting"


class LockedError(JobError):
    """Pulumi refuses to write: `locks` are those that it names."""

    def __init__(self, message: str, locks: Sequence[Lock]) -> None:
        super().__init__(message, ErrorKind.conflict)
        self.locks = locks


class UnreadableStateError(JobError):
    """Pulumi has a state of the stack and cannot read it."""


@dataclass(frozen=True)
class State:
    """A stack's state. `text` is the whole export; in it secrets are encrypted or not, as it was asked for."""

    text: str

    @property
    def deployment(self) -> Record:
        found = json.loads(self.text).get("deployment")
        return found if isinstance(found, dict) else {}

    @property
    def resources(self) -> list[Record]:
        return list(self.deployment.get("resources") or [])

    @property
    def operations(self) -> list[Record]:
        """The pending operations: each has a `type` (creating, updating, deleting ...) and a `resource`."""
        return list(self.deployment.get(PENDING) or [])

    @property
    def written(self) -> datetime:
        """When Pulumi last wrote it; it writes before each operation begins."""
        time = (self.deployment.get("manifest") or {}).get("time")
        try:
            return datetime.fromisoformat(str(time)).astimezone(UTC)
        except ValueError:
            return datetime.fromtimestamp(0, UTC)

    def replace(self, resources: Sequence[Record], secrets: Any, operations: Sequence[Record] = ()) -> str:
        """The export with other resources and operations, whose secrets the provider `secrets` will encrypt."""
        document = json.loads(self.text)
        left_out = (PENDING, SECRETS)
        deployment = {key: value for key, value in self.deployment.items() if key not in left_out}
        deployment |= {"resources": list(resources)}
        deployment |= {SECRETS: secrets} if secrets else {}
        deployment |= {PENDING: list(operations)} if operations else {}
        return json.dumps({**document, "deployment": deployment})


def read_state(stack: str, show_secrets: bool = False, **options: Any) -> State:
    """The state of a stack. Raises JobError."""
    shown = [SHOW_SECRETS] if show_secrets else []
    process = call_pulumi("stack", "export", "--stack", stack, *shown, **options)
    if process.returncode != 0:
        error = pulumi_error(stack, process.stderr)
        is_unreadable = re.search(UNREADABLE, process.stderr, re.IGNORECASE)
        raise UnreadableStateError(str(error)) if is_unreadable else error
    text = process.stdout
    try:
        document = json.loads(text)
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise JobError(f"Pulumi's state of the stack `{stack}` is not valid JSON: update the Pulumi CLI.")
    return State(text)


def write_state(stack: str, text: str, **options: Any) -> None:
    """Replace the state of a stack as a whole. Pulumi checks it first. Raises JobError; then the state is as it was."""
    process = call_pulumi("stack", "import", "--stack", stack, given=text, **options)
    if process.returncode != 0:
        error = pulumi_error(stack, process.stderr)
        if re.search(LOCKED, process.stderr, re.IGNORECASE):
            raise LockedError(str(error), parse_locks(process.stderr))
        raise JobError(f"Pulumi refuses the new state, and the old one stays: {error}", error.kind)


def urns(records: Iterable[Mapping[str, Any]]) -> set[str]:
    return {str(each["urn"]) for each in records}


def ids(records: Iterable[Mapping[str, Any]]) -> set[str]:
    """The IDs of the resources, in lower case as Azure compares them."""
    return {str(each["id"]).lower() for each in records if each.get("id")}


def without_missing_references(records: Sequence[Record]) -> list[Record]:
    """The same resources, without dependencies on what is not among them: Pulumi refuses such a state."""
    known = urns(records)
    return [prune_references(record, known) for record in records]


def prune_references(record: Record, known: Collection[str]) -> Record:
    pruned = dict(record)
    for key in ("dependencies", "replaceWith"):
        if key in pruned:
            pruned[key] = [urn for urn in pruned[key] or [] if urn in known]
    if by_property := pruned.get("propertyDependencies"):
        pruned["propertyDependencies"] = {
            name: [urn for urn in found or [] if urn in known] for name, found in by_property.items()
        }
    if pruned.get("deletedWith") not in known:
        pruned.pop("deletedWith", None)
    return pruned


def describe_operation(operation: Record) -> str:
    """A pending operation in a line: creating azure-native:keyvault:Vault::vault."""
    *_, types, name = str((operation.get("resource") or {}).get("urn")).split("::")
    return f"{operation.get('type')} {types.rpartition('$')[2]}::{name}"
