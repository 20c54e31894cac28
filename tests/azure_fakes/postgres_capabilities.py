"""What PostgreSQL Flexible Server offers a subscription in a region: versions, editions and SKUs.

https://learn.microsoft.com/rest/api/postgresql/capabilities-by-location/list
"""

from dataclasses import dataclass, field
from typing import Any

from tests.azure_fakes.azure import ROOT
from tests.azure_fakes.cloud import Request, Response
from tests.azure_fakes.resource_manager import list_page, path_below

START = f"{ROOT}/providers/Microsoft.DBforPostgreSQL/locations/"
RESTRICTED: dict[str, Any] = {
    "name": "FlexibleServerCapabilities",
    "reason": "Provisioning is restricted in this region. Please choose a different region. For exceptions to this "
    "rule please open a support request with Issue type of 'Service and subscription limits'.",
    "supportedFeatures": [{"name": "OfferRestricted", "status": "Enabled"}],
    "supportedServerVersions": [],
    "supportedServerEditions": [],
}


def sku(name: str) -> dict[str, Any]:
    """A SKU as Azure lists it. The number of cores is in its name."""
    memory = 4096 if "ms" in name or name.startswith("Standard_D") else 2048
    return {"name": name, "vCores": int(name[len("Standard_B")]), "supportedMemoryPerVcoreMb": memory}


def capability(versions: str = "16 17 18", burstable: str = "Standard_B1ms Standard_B2s") -> dict[str, Any]:
    """The capabilities of a region that offers those versions and burstable SKUs."""
    general = {"name": "GeneralPurpose", "supportedServerSkus": [sku("Standard_D2ds_v5")]}
    small = [sku(name) for name in burstable.split()]
    return {
        "name": "FlexibleServerCapabilities",
        "supportedFeatures": [{"name": "OfferRestricted", "status": "Disabled"}],
        "supportedServerVersions": [{"name": name} for name in versions.split()],
        "supportedServerEditions": [general, {"name": "Burstable", "supportedServerSkus": small}],
    }


@dataclass
class PostgresCapabilities:
    """`regions`: the capabilities by region. Every other region offers everything."""

    regions: dict[str, dict[str, Any]] = field(default_factory=dict)

    def __call__(self, request: Request) -> Response | None:
        region, _, rest = (path_below(request, START) or "").partition("/")
        return list_page(request, [self.regions.get(region, capability())]) if rest == "capabilities" else None
