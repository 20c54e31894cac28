"""Whether a globally unique name is free, the soft-deleted vaults, and the search services of a subscription.

https://learn.microsoft.com/rest/api/storagerp/storage-accounts/check-name-availability
https://learn.microsoft.com/rest/api/postgresql/name-availability/check-globally
https://learn.microsoft.com/rest/api/keyvault/keyvault/vaults/check-name-availability
https://learn.microsoft.com/rest/api/searchmanagement/services/check-name-availability
https://learn.microsoft.com/rest/api/aiservices/accountmanagement/check-domain-availability
https://learn.microsoft.com/rest/api/keyvault/keyvault/vaults/list-deleted
https://learn.microsoft.com/rest/api/searchmanagement/services/list-by-subscription
"""

from dataclasses import dataclass, field
from typing import Any

from tests.azure_fakes.cloud import Request, Response
from tests.azure_fakes.resource_manager import ROOT, error_response, list_page, path_below

TYPES = {
    "microsoft.storage": "Microsoft.Storage/storageAccounts",
    "microsoft.dbforpostgresql": "Microsoft.DBforPostgreSQL/flexibleServers",
    "microsoft.keyvault": "Microsoft.KeyVault/vaults",
    "microsoft.search": "searchServices",
}


@dataclass
class NameAvailability:
    """Every name is free unless it is in `unavailable`.

    `deleted_vaults`: name, location and purge protection of each soft-deleted vault. `search_services`: name
    and SKU of each search service of the subscription.
    """

    unavailable: set[str] = field(default_factory=set)
    deleted_vaults: list[tuple[str, str, bool]] = field(default_factory=list)
    search_services: list[tuple[str, str]] = field(default_factory=list)

    def __call__(self, request: Request) -> Response | None:
        provider, _, operation = (path_below(request, f"{ROOT}/providers/") or "").partition("/")
        if (provider, operation) == ("microsoft.keyvault", "deletedvaults"):
            return list_page(request, [self.deleted_vault(*each) for each in self.deleted_vaults])
        if (provider, operation) == ("microsoft.search", "searchservices"):
            return list_page(request, [{"name": name, "sku": {"name": sku}} for name, sku in self.search_services])
        if operation == "checknameavailability" and provider in TYPES:
            if request.body["type"] != TYPES[provider]:
                return error_response(400, "InvalidType")
            return Response(200, self.availability("nameAvailable", request.body["name"]))
        if operation == "checkdomainavailability":
            return Response(200, self.availability("isSubdomainAvailable", request.body["subdomainName"]))
        return None

    def availability(self, key: str, name: str) -> dict[str, Any]:
        if name in self.unavailable:
            return {key: False, "reason": "AlreadyExists", "message": f"The name {name} is already in use."}
        return {key: True}

    def deleted_vault(self, name: str, location: str, protected: bool) -> dict[str, Any]:
        properties: dict[str, Any] = {"location": location, "deletionDate": "2026-11-20T00:00:00Z"}
        return {"name": name, "properties": properties | ({"purgeProtectionEnabled": True} if protected else {})}
