"""What was deleted and is still there: vaults and Foundry accounts keep names and quota until they are purged."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from jobs.azure import api_versions
from jobs.doctor.check import Check, config_command, pluralize
from jobs.doctor.context import StackContext
from jobs.doctor.names import suggest_suffix
from jobs.doctor.providers import AI, VAULT


@dataclass(frozen=True)
class Leftover:
    """Something deleted: the command that purges it, empty where Azure never lets it be purged before its time."""

    name: str
    location: str
    purge: str
    holds_quota: bool = False


def find_leftovers(place: StackContext, absent: Collection[str]) -> list[Leftover]:
    """Every deleted vault and account of the subscription.

    https://learn.microsoft.com/rest/api/keyvault/keyvault/vaults/list-deleted
    https://learn.microsoft.com/rest/api/aiservices/accountmanagement/deleted-accounts/list
    """
    vaults, accounts = f"{place.subscription}/providers/{VAULT}", f"{place.subscription}/providers/{AI}"
    deleted: list[Leftover] = []
    if VAULT not in absent:
        deleted += [to_vault(each) for each in place.arm.pages(f"{vaults}/deletedVaults", api_versions.KEY_VAULT)]
    if AI not in absent:
        deleted += [
            to_account(each) for each in place.arm.pages(f"{accounts}/deletedAccounts", api_versions.COGNITIVE_SERVICES)
        ]
    return deleted


def to_vault(each: Mapping[str, Any]) -> Leftover:
    properties = each.get("properties") or {}
    name, location = str(each.get("name")), str(properties.get("location"))
    purge = f"az keyvault purge --name {name} --location {location}"
    return Leftover(name, location, "" if properties.get("purgeProtectionEnabled") else purge)


def to_account(each: Mapping[str, Any]) -> Leftover:
    """The id is .../locations/LOCATION/resourceGroups/GROUP/deletedAccounts/NAME; without a group nothing purges it."""
    name, location = str(each.get("name")), str(each.get("location"))
    group = re.search("/resourceGroups/([^/]+)", str(each.get("id")), re.IGNORECASE)
    where = f"--resource-group {group[1]} --location {location}" if group else ""
    return Leftover(name, location, where and f"az cognitiveservices account purge --name {name} {where}", True)


def owned_leftovers(place: StackContext, deleted: Collection[Leftover]) -> list[Leftover]:
    """Those that hold a name which the stack wants."""
    names = {place.chosen.vault.lower(), place.chosen.foundry.lower()}
    return [each for each in deleted if each.name.lower() in names]


def check_leftovers(place: StackContext, deleted: Collection[Leftover]) -> Check:
    blocking = owned_leftovers(place, deleted)
    if blocking:
        listed = ", ".join(each.name for each in blocking)
        mends = [each.purge for each in blocking]
        if not all(mends):  # with purge protection only time, or another name, helps
            mends = [config_command(place.chosen.stack, "nameSuffix", suggest_suffix(place))]
        return Check("leftovers", "problem", f"deleted, and still holding its name: {listed}.", "\n".join(mends))
    quota = [each for each in deleted if each.holds_quota and each.location == place.chosen.ai_location]
    if quota:
        text = f"{pluralize(len(quota), 'deleted account')} in {place.chosen.ai_location} may hold the models' quota."
        return Check("leftovers", "warning", text, "\n".join(each.purge for each in quota if each.purge))
    return Check("leftovers", "ok", "nothing deleted holds a name of this stack")
