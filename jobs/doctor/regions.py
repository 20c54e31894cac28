"""Regions: whether the subscription's policies allow those of the stack.

A student subscription has the assignment "Allowed resource deployment regions" (sys.regionrestriction): about five
regions, which differ between subscriptions.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from jobs.azure import api_versions
from jobs.doctor.check import Check, config_command
from jobs.doctor.context import StackContext

GROUP_LOCATIONS_POLICY = "e765b5de-1225-4ba3-bd56-1ac6695af988"  # built in, "Allowed locations for resource groups"


def allowed_regions(context: StackContext) -> frozenset[str] | None:
    """The regions that every assignment allows; None where no assignment limits them.

    Without a filter the list includes the assignments of the management groups above, and of every group below.
    https://learn.microsoft.com/rest/api/policy/policy-assignments/list
    """
    path = f"{context.subscription}/providers/Microsoft.Authorization/policyAssignments"
    return intersect_policies(context.arm.pages(path, api_versions.POLICY), context.group)


def intersect_policies(assignments: Iterable[Mapping[str, Any]], group: str) -> frozenset[str] | None:
    """The regions that all assignments allow that apply to the group."""
    allowed: frozenset[str] | None = None
    for each in assignments:
        properties = each.get("properties") or {}
        regions = listed_regions(properties)
        if regions and applies_to(properties, group):
            allowed = regions if allowed is None else allowed & regions
    return allowed


def listed_regions(properties: Mapping[str, Any]) -> frozenset[str]:
    """The regions in an assignment's parameters, such as listOfAllowedLocations."""
    parameters = properties.get("parameters") or {}
    effect = str((parameters.get("effect") or {}).get("value") or "deny").lower()
    if properties.get("enforcementMode") == "DoNotEnforce" or effect in ("audit", "disabled"):
        return frozenset()
    if str(properties.get("policyDefinitionId")).lower().endswith(GROUP_LOCATIONS_POLICY):
        return frozenset()  # `pulumi up` fails on it at once, before it creates anything
    values = [each.get("value") for key, each in parameters.items() if key.lower().endswith("allowedlocations")]
    return frozenset(normalize_region(region) for value in values if isinstance(value, list) for region in value)


def applies_to(properties: Mapping[str, Any], group: str) -> bool:
    """Whether an assignment applies to a group: its scope includes the group, and `notScopes` do not exclude it."""
    scope, path = str(properties.get("scope") or "").lower(), f"{group}/".lower()
    outside = scope.startswith("/subscriptions/") and not path.startswith(f"{scope}/")
    excluded = any(path.startswith(f"{str(each).lower()}/") for each in properties.get("notScopes") or [])
    return not outside and not excluded


def normalize_region(region: Any) -> str:
    """`Sweden Central` becomes `swedencentral`."""
    return str(region).replace(" ", "").lower()


def check_region(context: StackContext) -> Check:
    config = context.config
    if context.allowed_regions is None:
        return Check("regions", "ok", f"{', '.join(config.regions)}; no policy limits them")
    wrong = {key: each for key, each in config.regions_by_setting.items() if each not in context.allowed_regions}
    if not wrong:
        return Check("regions", "ok", f"{', '.join(config.regions)}, which the policy allows")
    if not context.allowed_regions:
        return Check(
            "regions", "problem", "the policies together allow no region: ask the administrators who assigned them."
        )
    listed = ", ".join(f"{each} ({key})" for key, each in wrong.items())
    choice = ", ".join(sorted(context.allowed_regions))
    fix = "\n".join(config_command(config.stack, key, suggest_region(context)) for key in wrong)
    return Check("regions", "problem", f"the policy forbids {listed}; it allows {choice}.", fix)


def suggest_region(context: StackContext) -> str:
    """A region that the stack uses already, where one is allowed; else the first that is allowed."""
    allowed = context.allowed_regions or ()
    return next((each for each in context.config.regions if each in allowed), min(allowed))
