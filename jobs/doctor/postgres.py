"""Whether the subscription can create the PostgreSQL server in its region, of its version and size.

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
SUPPORTED_VERSIONS = ("18", "17", "16")  # those that infra/settings.py allows, the newest first
# Regions that had capacity for student subscriptions; each is checked before it is suggested.
SUGGESTED_REGIONS = ("swedencentral", "northeurope", "francecentral", "polandcentral", "centralus")

Capabilities: TypeAlias = list[Mapping[str, Any]]


def check_postgres(context: StackContext) -> list[Check]:
    config = context.config
    if context.exists(SERVER, config.postgres_server):
        return [Check("postgres", "ok", f"{config.postgres_server} exists already")]
    region = config.database_location
    capabilities = query_capabilities(context, region)
    if reason := restriction_reason(capabilities):
        better = next(filter(None, (offering_region(context, each) for each in suggest_regions(context))), "")
        fix = config_command(config.stack, "databaseLocation", better) if better else ""
        return [Check("postgres", "problem", f"no server in {region}: {reason}.", fix)]
    return [version_problem(capabilities, config) or size_problem(capabilities, config) or ok_check(config)]


def ok_check(config: Configuration) -> Check:
    text = f"{config.database_location} offers PostgreSQL {config.postgres_version} on {config.postgres_sku}"
    return Check("postgres", "ok", text)


def query_capabilities(context: StackContext, region: str) -> Capabilities:
    return list(
        context.arm.pages(
            f"{context.subscription}/providers/{POSTGRES}/locations/{region}/capabilities", api_versions.POSTGRESQL
        )
    )


def restriction_reason(capabilities: Capabilities) -> str:
    """Why no server can be created; empty where one can. `pulumi up` would fail with `Version` "should be in: []"."""
    for each in capabilities:
        features = {str(one.get("name")): one.get("status") for one in each.get("supportedFeatures") or []}
        if features.get("OfferRestricted") == "Enabled" or each.get("restricted") == "Enabled":
            return first_sentence(each.get("reason")) or "the subscription's offer is restricted there"
    if not offered_versions(capabilities):
        return next(
            (text for each in capabilities if (text := first_sentence(each.get("reason")))), "no version is offered"
        )
    return ""


def first_sentence(reason: Any) -> str:
    return str(reason or "").partition(". ")[0].rstrip(".")


def available_entries(entries: Iterable[Mapping[str, Any]] | None) -> list[Mapping[str, Any]]:
    return [each for each in entries or [] if each.get("status") != "Disabled"]


def offered_versions(capabilities: Capabilities) -> list[str]:
    return [
        str(one.get("name")) for each in capabilities for one in available_entries(each.get("supportedServerVersions"))
    ]


def version_problem(capabilities: Capabilities, config: Configuration) -> Check | None:
    offered = offered_versions(capabilities)
    if config.postgres_version in offered:
        return None
    text = f"no PostgreSQL {config.postgres_version} in {config.database_location}, only {', '.join(offered)}."
    instead = next((each for each in SUPPORTED_VERSIONS if each in offered), "")
    return Check(
        "postgres", "problem", text, config_command(config.stack, "postgresVersion", instead) if instead else ""
    )


def size_problem(capabilities: Capabilities, config: Configuration) -> Check | None:
    skus = [
        one
        for each in capabilities
        for edition in available_entries(each.get("supportedServerEditions"))
        for one in available_entries(edition.get("supportedServerSkus"))
    ]
    if any(str(each.get("name")).lower() == config.postgres_sku.lower() for each in skus):
        return None
    text = f"no {config.postgres_sku} in {config.database_location}."
    if not skus:
        return Check("postgres", "problem", text)
    name = str(min(skus, key=size_rank).get("name"))
    text += f" The smallest available is {name}, at another price."
    return Check("postgres", "problem", text, config_command(config.stack, "postgresSku", name))


def size_rank(sku: Mapping[str, Any]) -> tuple[bool, int, int]:
    """Sorts by size, burstable ones first: they cost a fraction of the others with as many cores."""
    burstable = str(sku.get("name")).lower().startswith("standard_b")
    return not burstable, sku.get("vCores") or 1_000, sku.get("supportedMemoryPerVcoreMb") or 0


def suggest_regions(context: StackContext) -> list[str]:
    """Other regions to check: those that the policy allows, where it limits them."""
    candidates = SUGGESTED_REGIONS if context.allowed_regions is None else sorted(context.allowed_regions)
    return [each for each in candidates if each != context.config.database_location][:5]


def offering_region(context: StackContext, region: str) -> str:
    """The region's name where the server can be created there, else an empty string."""
    capabilities, config = query_capabilities(context, region), context.config
    if restriction_reason(capabilities) or version_problem(capabilities, config) or size_problem(capabilities, config):
        return ""
    return region
