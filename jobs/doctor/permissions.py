"""What whoever is logged in may do: make things, and give roles.

https://learn.microsoft.com/rest/api/authorization/permissions/list-for-resource-group
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from azure.core.exceptions import ResourceNotFoundError

from jobs.azure import api_versions
from jobs.doctor.check import Check
from jobs.doctor.context import StackContext

# What `pulumi up` does, and a role that lets one do it. Contributor may do all but the second.
NEEDED = {
    "Microsoft.Resources/subscriptions/resourceGroups/write": "Contributor",
    "Microsoft.Authorization/roleAssignments/write": "User Access Administrator",
}


def check_permissions(place: StackContext) -> list[Check]:
    shares = list_permissions(place)
    return [evaluate(place, [role for action, role in NEEDED.items() if not is_permitted(action, shares)])]


def list_permissions(place: StackContext) -> list[Mapping[str, Any]]:
    """Every role's share, in the group, or before there is one in the subscription."""
    for scope in (place.group, place.subscription):
        try:
            return list(
                place.arm.pages(f"{scope}/providers/Microsoft.Authorization/permissions", api_versions.AUTHORIZATION)
            )
        except ResourceNotFoundError:
            if scope == place.subscription:
                raise
    return []


def is_permitted(action: str, shares: Iterable[Mapping[str, Any]]) -> bool:
    """Whether one role allows the action: what another role takes back does not count against it."""
    return any(matches(action, each.get("actions")) and not matches(action, each.get("notActions")) for each in shares)


def matches(action: str, patterns: Iterable[str] | None) -> bool:
    """A star stands for anything, slashes too; capitals do not count."""
    return any(re.fullmatch(re.escape(each).replace(r"\*", ".*"), action, re.IGNORECASE) for each in patterns or [])


def evaluate(place: StackContext, roles: list[str]) -> Check:
    if not roles:
        return Check("roles", "ok", "you may make resources and give roles")
    who = place.user or "OBJECT_ID"
    mends = [
        f'az role assignment create --assignee {who} --role "{role}" --scope {place.subscription}' for role in roles
    ]
    text = f"you lack {' and '.join(roles)}: ask an owner of the subscription for it."
    return Check("roles", "problem", text, "\n".join(mends))
