"""Whether a globally unique name is free, and the search services of a subscription.

https://learn.microsoft.com/rest/api/storagerp/storage-accounts/check-name-availability
https://learn.microsoft.com/rest/api/postgresql/name-availability/check-globally
https://learn.microsoft.com/rest/api/keyvault/keyvault/vaults/check-name-availability
https://learn.microsoft.com/rest/api/searchmanagement/services/check-name-availability
https://learn.microsoft.com/rest/api/aiservices/accountmanagement/check-domain-availability
https://learn.microsoft.com/rest/api/searchmanagement/services/list-by-subscription
https://learn.microsoft.com/rest/api/containerregistry/registries/check-name-availability
"""

from dataclasses import dataclass
from typing import Any

from tests.azure_fakes.arm_ids import is_type
from tests.azure_fakes.azure import ROOT, ArmError, Azure
from tests.azure_fakes.cloud import Request, Response
from tests.azure_fakes.resource_lists import listed
from tests.azure_fakes.resource_manager import list_page, path_below

SEARCH = "Microsoft.Search/searchServices"
TYPES = {
    "microsoft.storage": "Microsoft.Storage/storageAccounts",
    "microsoft.dbforpostgresql": "Microsoft.DBforPostgreSQL/flexibleServers",
    "microsoft.keyvault": "Microsoft.KeyVault/vaults",
    "microsoft.search": "searchServices",
    "microsoft.containerregistry": "Microsoft.ContainerRegistry/registries",
}


@dataclass
class NameAvailability:
    """A name is free unless another customer has it, or a resource of the subscription, also a deleted vault."""

    azure: Azure

    def __call__(self, request: Request) -> Response | None:
        provider, _, operation = (path_below(request, f"{ROOT}/providers/") or "").partition("/")
        if (provider, operation) == ("microsoft.search", "searchservices"):
            return list_page(request, [listed(each) for each in self.azure.of_type(SEARCH)])
        if operation == "checknameavailability" and provider in TYPES:
            if request.body["type"] != TYPES[provider]:
                raise ArmError(400, "InvalidType", "The resource type is invalid.")
            return Response(200, self.availability("nameAvailable", request.body["name"], TYPES[provider]))
        if operation == "checkdomainavailability":
            return Response(200, self.availability("isSubdomainAvailable", request.body["subdomainName"], ACCOUNT))
        return None

    def availability(self, key: str, name: str, kind: str) -> dict[str, Any]:
        stored = [*self.azure.resources.values(), *self.azure.deleted.values()]
        kind = SEARCH if kind == "searchServices" else kind
        if name.lower() in self.azure.unavailable | {each.name.lower() for each in stored if is_type(each.id, kind)}:
            return {key: False, "reason": "AlreadyExists", "message": f"The name {name} is already in use."}
        return {key: True}


ACCOUNT = "Microsoft.CognitiveServices/accounts"
