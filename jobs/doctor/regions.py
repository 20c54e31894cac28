"""Regions: which of them the subscription's policies allow, against those that the stack is configured for.

A student subscription has the assignment "Allowed resource deployment regions" (sys.regionrestriction), about five
regions, others than its neighbour's.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from jobs.azure import api_versions
from jobs.doctor.check import Check, config_command
from jobs.doctor.context import StackContext

FOR_GROUPS_ONLY = "e765b5de-1225-4ba3-bd56-1ac6695af988"  # the built-in definition for locations of resource groups


def allowed_regions(place: StackContext) -> frozenset[str] | None:
    """The regions that every assignment allows; None where none limits them.

    The list without a filter has those of the management groups above, too, and those of every group below.
    https://learn.microsoft.com/rest/api/policy/policy-assignments/list
    """
    path = f"{place.subscription}/providers/Microsoft.Authorization/policyAssignments"
    return intersect_policies(place.arm.pages(path, api_versions.POLICY), place.group)


def intersect_policies(assignments: Iterable[Mapping[str, Any]], group: str) -> frozenset[str] | None:
    """What the assignments that hold in the group have in common."""
    found: frozenset[str] | None = None
    for each in assignments:
        properties = each.get("properties") or {}
        regions = listed_regions(properties)
        if regions and applies_to(properties, group):
            found = regions if found is None else found & regions
    return found


def listed_regions(properties: Mapping[str, Any]) -> frozenset[str]:
    """The regions in an assignment's parameters, such as listOfAllowedLocations."""
    parameters = properties.get("parameters") or {}
    effect = str((parameters.get("effect") or {}).get("value") or "deny").lower()
    if properties.get("enforcementMode") == "DoNotEnforce" or effect in ("audit", "disabled"):
        return frozenset()
    if str(properties.get("policyDefinitionId")).lower().endswith(FOR_GROUPS_ONLY):
        return frozenset()  # `pulumi up` says at once what it refuses, before anything is made
    values = [each.get("value") for key, each in parameters.items() if key.lower().endswith("allowedlocations")]
    return frozenset(normalize_region(region) for value in values if isinstance(value, list) for region in value)


def applies_to(properties: Mapping[str, Any], group: str) -> bool:
    """Whether an assignment holds in a group: made above it or there, and not lifted on the way."""
    scope, here = str(properties.get("scope") or "").lower(), f"{group}/".lower()
    below = scope.startswith("/subscriptions/") and not here.startswith(f"{scope}/")
    lifted = any(here.startswith(f"{str(each).lower()}/") for each in properties.get("notScopes") or [])
    return not below and not lifted


def normalize_region(region: Any) -> str:
    """Sweden Central is swedencentral."""
    return str(region).replace(" ", "").lower()


def check_region(place: StackContext) -> Check:
    chosen = place.chosen
    if place.allowed is None:
        return Check("regions", "ok", f"{', '.join(chosen.regions)}; no policy limits them")
    wrong = {key: each for key, each in chosen.regions_by_setting.items() if each not in place.allowed}
    if not wrong:
        return Check("regions", "ok", f"{', '.join(chosen.regions)}, which the policy allows")
    if not place.allowed:
        return Check("regions", "problem", "the policies together allow no region: ask whoever assigned them.")
    listed = ", ".join(f"{each} ({key})" for key, each in wrong.items())
    choice = ", ".join(sorted(place.allowed))
    mend = "\n".join(config_command(chosen.stack, key, suggest_region(place)) for key in wrong)
    return Check("regions", "problem", f"the policy forbids {listed}; it allows {choice}.", mend)


def suggest_region(place: StackContext) -> str:
    """A region that the stack is in already, where one is allowed; else the first of those that are."""
    allowed = place.allowed or ()
    return next((each for each in place.chosen.regions if each in allowed), min(allowed))
