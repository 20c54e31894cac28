"""Whether a resource in Azure is the one that this stack would have made."""

from collections.abc import Collection, Mapping
from typing import Any

from jobs.recover.candidates import Candidate
from jobs.recover.resource_ids import GROUP, ancestors, short_type
from jobs.recover.state import Record

ROLE = "authorization:RoleAssignment"


def find_objection(candidate: Candidate, found: Record, known_ids: Collection[str]) -> str:
    """Why what Azure has under the candidate's ID is not this stack's; empty where it is.

    `found` is its record after Azure was asked; `known_ids` are the IDs of the stack's resources, in lower case.
    """
    outputs = found.get("outputs") or {}
    if short_type(str(found["type"])) != GROUP and not set(ancestors(candidate.id)) <= set(known_ids):
        return "it is in a resource that is not of this stack"
    if short_type(str(found["type"])) == ROLE:
        return compare_roles(candidate.inputs, outputs)
    tags = candidate.inputs.get("tags") or {}
    actual = outputs.get("tags") or {}
    if any(actual.get(key) != value for key, value in tags.items()):
        return f"its tags are {format_tags(actual)}, and this stack's {format_tags(tags)}"
    return ""


def compare_roles(inputs: Mapping[str, Any], outputs: Mapping[str, Any]) -> str:
    """A role assignment has no tags: it is the same where principal, role and scope are."""
    for key in ("principalId", "roleDefinitionId", "scope"):
        wanted, actual = (str(each.get(key) or "").lower().rstrip("/") for each in (inputs, outputs))
        if key == "roleDefinitionId":
            wanted, actual = wanted.rpartition("/")[2], actual.rpartition("/")[2]
        if wanted != actual:
            return f"its {key} is {actual or 'empty'}, and this stack's {wanted}"
    return ""


def format_tags(tags: Mapping[str, Any]) -> str:
    return ", ".join(f"{key}={value}" for key, value in sorted(tags.items())) or "none"
