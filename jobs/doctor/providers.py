"""Resource providers: Azure's services have to be registered in a subscription, once, before a program may use them."""

import time
from collections.abc import Collection

from jobs.azure import api_versions
from jobs.configuration import Configuration
from jobs.doctor.check import Check
from jobs.doctor.context import StackContext
from jobs.errors import JobError
from jobs.terminal import log

POSTGRES = "Microsoft.DBforPostgreSQL"
STORAGE = "Microsoft.Storage"
VAULT = "Microsoft.KeyVault"
AI = "Microsoft.CognitiveServices"
SEARCH = "Microsoft.Search"
ALWAYS = (POSTGRES, STORAGE, VAULT, "Microsoft.DataFactory", AI)
POLL_SECONDS = 5.0
LONGEST_SECONDS = 300.0


def required_providers(chosen: Configuration) -> tuple[str, ...]:
    """The providers that the stack's resources need. Those of groups, roles and policies are always registered."""
    optional = {
        "Microsoft.Consumption": chosen.budget,
        "Microsoft.Insights": chosen.diagnostics,
        "Microsoft.OperationalInsights": chosen.diagnostics,
        SEARCH: chosen.search != "none",
        "Microsoft.Network": chosen.private,
    }
    return (*ALWAYS, *(name for name, wanted in optional.items() if wanted))


def missing_providers(place: StackContext) -> tuple[str, ...]:
    """The needed providers that are not registered.

    https://learn.microsoft.com/rest/api/resources/providers/list
    """
    found = place.arm.pages(f"{place.subscription}/providers", api_versions.RESOURCES)
    ready = {str(each.get("namespace")).lower() for each in found if each.get("registrationState") == "Registered"}
    return tuple(name for name in required_providers(place.chosen) if name.lower() not in ready)


def check_providers(chosen: Configuration, absent: Collection[str]) -> Check:
    if not absent:
        return Check("providers", "ok", f"all {len(required_providers(chosen))} registered")
    mend = f"python -m jobs doctor --target {chosen.stack} --register"
    return Check("providers", "problem", f"not registered: {', '.join(absent)}.", mend)


def register_missing(place: StackContext) -> list[Check]:
    """What `--register` does. It has no line of its own: the check that follows tells how it stands."""
    register(place, missing_providers(place))
    return []


def register(place: StackContext, absent: Collection[str]) -> None:
    """Register providers, and wait until Azure has done it. Raises AzureError, and Failure after five minutes.

    https://learn.microsoft.com/rest/api/resources/providers/register
    """
    for name in absent:
        log(f"registering {name}, which takes a minute or two")
        place.arm.post(f"{place.subscription}/providers/{name}/register", api_versions.RESOURCES)
    until = time.monotonic() + LONGEST_SECONDS
    while waiting := [name for name in absent if not is_registered(place, name)]:
        if time.monotonic() > until:
            raise JobError(
                f"Azure is still registering {', '.join(waiting)}: run the same command again in some minutes."
            )
        time.sleep(POLL_SECONDS)


def is_registered(place: StackContext, name: str) -> bool:
    return (
        place.arm.get(f"{place.subscription}/providers/{name}", api_versions.RESOURCES).get("registrationState")
        == "Registered"
    )
