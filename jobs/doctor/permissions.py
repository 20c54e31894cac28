"""Whether you may create resources and assign roles.

https://learn.microsoft.com/rest/api/authorization/permissions/list-for-resource-group
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from azure.core.exceptions import ResourceNotFoundError

from jobs.azure import api_versions
from jobs.doctor.check import Check
from jobs.doctor.context import StackContext

# The actions of `pulumi up`, each with a role that allows it. Contributor allows all but the second.
REQUIRED_ROLES = {
    "Microsoft.Resources/subscriptions/resourceGroups/write": "Contributor",
    "Microsoft.Authorization/roleAssignments/write": "User Access Administrator",
}


def check_permissions(context: StackContext) -> list[Check]:
    permissions = list_permissions(context)
    missing = [role for action, role in REQUIRED_ROLES.items() if not is_permitted(action, permissions)]
    return [to_check(context, missing)]


def list_permissions(context: StackContext) -> list[Mapping[str, Any]]:
    """The permissions of each of your roles: in the group or, where that does not exist yet, in the subscription."""
    for scope in (context.group, context.subscription):
        path = f"{scope}/providers/Microsoft.Authorization/permissions"
        try:
            return list(context.arm.pages(path, api_versions.AUTHORIZATION))
        except ResourceNotFoundError:
            if scope == context.subscription:
                raise
    return []


def is_permitted(action: str, permissions: Iterable[Mapping[str, Any]]) -> bool:
    """Whether one role allows the action. `notActions` of another role do not deny it."""
    return any(
        matches(action, each.get("actions")) and not matches(action, each.get("notActions")) for each in permissions
    )


def matches(action: str, patterns: Iterable[str] | None) -> bool:
    """A star matches any characters, slashes too; case does not count."""
    return any(re.fullmatch(re.escape(each).replace(r"\*", ".*"), action, re.IGNORECASE) for each in patterns or [])


def to_check(context: StackContext, missing: list[str]) -> Check:
    if not missing:
        return Check("roles", "ok", "you may create resources and assign roles")
    user, scope = context.user or "OBJECT_ID", context.subscription
    fixes = [f'az role assignment create --assignee {user} --role "{role}" --scope {scope}' for role in missing]
    text = f"you lack {' and '.join(missing)}: ask an owner of the subscription for it."
    return Check("roles", "problem", text, "\n".join(fixes))
