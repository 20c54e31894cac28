"""PostgreSQL in its region: whether the subscription gets a server there, of that version and size.

https://learn.microsoft.com/rest/api/postgresql/capabilities-by-location/list
"""

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from jobs.azure import api_versions
from jobs.configuration import Configuration
from jobs.doctor.check import Check, config_command
from jobs.doctor.context import StackContext
from jobs.doctor.providers import POSTGRES

SERVER = f"{POSTGRES}/flexibleServers"
PROGRAM_TAKES = ("18", "17", "16")  # what infra/settings.py allows, the newest first
# Where students found room; each is asked before it is proposed.
ELSEWHERE = ("swedencentral", "northeurope", "francecentral", "polandcentral", "centralus")

Capabilities: TypeAlias = list[Mapping[str, Any]]


def check_postgres(place: StackContext) -> list[Check]:
    chosen = place.chosen
    if place.owns(SERVER, chosen.postgres_server):
        return [Check("postgres", "ok", f"{chosen.postgres_server} stands already")]
    region = chosen.database_location
    found = query_capabilities(place, region)
    if why := restriction(found):
        better = next(filter(None, (offering_region(place, each) for each in suggest_regions(place))), "")
        mend = config_command(chosen.stack, "databaseLocation", better) if better else ""
        return [Check("postgres", "problem", f"no server in {region}: {why}.", mend)]
    return [version_problem(found, chosen) or size_problem(found, chosen) or ok_check(chosen)]


def ok_check(chosen: Configuration) -> Check:
    text = f"{chosen.database_location} offers PostgreSQL {chosen.postgres_version} on {chosen.postgres_sku}"
    return Check("postgres", "ok", text)


def query_capabilities(place: StackContext, region: str) -> Capabilities:
    return list(
        place.arm.pages(
            f"{place.subscription}/providers/{POSTGRES}/locations/{region}/capabilities", api_versions.POSTGRESQL
        )
    )


def restriction(found: Capabilities) -> str:
    """Why there is no server at all; nothing where there is. Azure would say that `Version` should be in: []."""
    for each in found:
        features = {str(one.get("name")): one.get("status") for one in each.get("supportedFeatures") or []}
        if features.get("OfferRestricted") == "Enabled" or each.get("restricted") == "Enabled":
            return first_sentence(each.get("reason")) or "the subscription's offer is restricted there"
    if not versions(found):
        return next((text for each in found if (text := first_sentence(each.get("reason")))), "no version is offered")
    return ""


def first_sentence(reason: Any) -> str:
    return str(reason or "").partition(". ")[0].rstrip(".")


def available_entries(entries: Iterable[Mapping[str, Any]] | None) -> list[Mapping[str, Any]]:
    return [each for each in entries or [] if each.get("status") != "Disabled"]


def versions(found: Capabilities) -> list[str]:
    return [str(one.get("name")) for each in found for one in available_entries(each.get("supportedServerVersions"))]


def version_problem(found: Capabilities, chosen: Configuration) -> Check | None:
    offered = versions(found)
    if chosen.postgres_version in offered:
        return None
    text = f"no PostgreSQL {chosen.postgres_version} in {chosen.database_location}, only {', '.join(offered)}."
    instead = next((each for each in PROGRAM_TAKES if each in offered), "")
    return Check(
        "postgres", "problem", text, config_command(chosen.stack, "postgresVersion", instead) if instead else ""
    )


def size_problem(found: Capabilities, chosen: Configuration) -> Check | None:
    skus = [
        one
        for each in found
        for edition in available_entries(each.get("supportedServerEditions"))
        for one in available_entries(edition.get("supportedServerSkus"))
    ]
    if any(str(each.get("name")).lower() == chosen.postgres_sku.lower() for each in skus):
        return None
    text = f"no {chosen.postgres_sku} in {chosen.database_location}."
    if not skus:
        return Check("postgres", "problem", text)
    name = str(min(skus, key=size).get("name"))
    text += f" The smallest there is {name}, at a price of its own."
    return Check("postgres", "problem", text, config_command(chosen.stack, "postgresSku", name))


def size(sku: Mapping[str, Any]) -> tuple[bool, int, int]:
    """Burstable ones first: they cost a fraction of the others with as many cores."""
    burstable = str(sku.get("name")).lower().startswith("standard_b")
    return not burstable, sku.get("vCores") or 1_000, sku.get("supportedMemoryPerVcoreMb") or 0


def suggest_regions(place: StackContext) -> list[str]:
    """Regions to look into instead: those of the policy where it limits them."""
    candidates = ELSEWHERE if place.allowed is None else sorted(place.allowed)
    return [each for each in candidates if each != place.chosen.database_location][:5]


def offering_region(place: StackContext, region: str) -> str:
    """The region's name where it gives the very server, else nothing."""
    found = query_capabilities(place, region)
    if restriction(found) or version_problem(found, place.chosen) or size_problem(found, place.chosen):
        return ""
    return region
