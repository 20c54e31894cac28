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

from tests.azure_fakes.cloud import Answer, Request
from tests.azure_fakes.resource_manager import ROOT, below, paged, refusal

TYPES = {
    "microsoft.storage": "Microsoft.Storage/storageAccounts",
    "microsoft.dbforpostgresql": "Microsoft.DBforPostgreSQL/flexibleServers",
    "microsoft.keyvault": "Microsoft.KeyVault/vaults",
    "microsoft.search": "searchServices",
}


@dataclass
class Names:
    """Every name is free unless it is in `taken`.

    `deleted`: name, location and purge protection of each soft-deleted vault. `searches`: name and SKU of each search
    service of the subscription.
    """

    taken: set[str] = field(default_factory=set)
    deleted: list[tuple[str, str, bool]] = field(default_factory=list)
    searches: list[tuple[str, str]] = field(default_factory=list)

    def __call__(self, request: Request) -> Answer | None:
        provider, _, operation = (below(request, f"{ROOT}/providers/") or "").partition("/")
        if (provider, operation) == ("microsoft.keyvault", "deletedvaults"):
            return paged(request, [self.gone(*each) for each in self.deleted])
        if (provider, operation) == ("microsoft.search", "searchservices"):
            return paged(request, [{"name": name, "sku": {"name": sku}} for name, sku in self.searches])
        if operation == "checknameavailability" and provider in TYPES:
            if request.body["type"] != TYPES[provider]:
                return refusal(400, "InvalidType")
            return Answer(200, self.answer("nameAvailable", request.body["name"]))
        if operation == "checkdomainavailability":
            return Answer(200, self.answer("isSubdomainAvailable", request.body["subdomainName"]))
        return None

    def answer(self, key: str, name: str) -> dict[str, Any]:
        if name in self.taken:
            return {key: False, "reason": "AlreadyExists", "message": f"The name {name} is already in use."}
        return {key: True}

    def gone(self, name: str, location: str, protected: bool) -> dict[str, Any]:
        properties: dict[str, Any] = {"location": location, "deletionDate": "2026-11-20T00:00:00Z"}
        return {"name": name, "properties": properties | ({"purgeProtectionEnabled": True} if protected else {})}
