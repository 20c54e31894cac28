"""Soft-deleted vaults and Foundry accounts: list, get and purge.

https://learn.microsoft.com/rest/api/keyvault/keyvault/vaults (list-deleted, get-deleted, purge-deleted)
https://learn.microsoft.com/rest/api/aiservices/accountmanagement/deleted-accounts (list, get, purge)
"""

from dataclasses import dataclass, field
from typing import Any

from tests.azure_fakes.arm_ids import group_of, is_type, name_of
from tests.azure_fakes.azure import HOST, ROOT, ArmError, Azure, Resource
from tests.azure_fakes.cloud import Request, Response
from tests.azure_fakes.resource_manager import list_page, path_below

OPERATION = f"{ROOT}/providers/purging"
VAULTS, ACCOUNTS = "Microsoft.KeyVault/vaults", "Microsoft.CognitiveServices/accounts"
VERSIONS = {"microsoft.keyvault": "2024-11-01", "microsoft.cognitiveservices": "2025-09-01"}
LISTS = {
    "/providers/microsoft.keyvault/deletedvaults": VAULTS,
    "/providers/microsoft.cognitiveservices/deletedaccounts": ACCOUNTS,
}


def delete_vault(
    azure: Azure,
    name: str,
    location: str,
    group: str = "rg",
    tags: dict[str, str] | None = None,
    protected: bool = False,
) -> None:
    """Leave a soft-deleted vault, as a stack of last week does."""
    identity = f"{ROOT}/resourceGroups/{group}/providers/{VAULTS}/{name}"
    properties = {"enablePurgeProtection": True} if protected else {}
    azure.deleted[identity.lower()] = Resource(identity, {"location": location, "tags": tags, "properties": properties})


def delete_account(azure: Azure, name: str, group: str, location: str, tags: dict[str, str] | None = None) -> None:
    """Leave a soft-deleted Foundry account."""
    identity = f"{ROOT}/resourceGroups/{group}/providers/{ACCOUNTS}/{name}"
    azure.deleted[identity.lower()] = Resource(identity, {"location": location, "tags": tags})


@dataclass
class SoftDeleted:
    """The soft-deleted resources of the subscription. `purged`: the names of the purged ones, in order.

    `first_responses`: answers to a purge that are returned first, each once.
    """

    azure: Azure
    purged: list[str] = field(default_factory=list)
    first_responses: list[Response] = field(default_factory=list)

    def __call__(self, request: Request) -> Response | None:
        path = path_below(request, ROOT) or ""
        if path_below(request, OPERATION) is not None:
            return Response(200, {"status": "Succeeded"})
        if "/deletedvaults" not in path and "/deletedaccounts" not in path:
            return None
        if request.query.get("api-version") != VERSIONS[path.split("/")[2]]:
            raise ArmError(400, "NoRegisteredProviderFound", "No registered resource provider found.")
        with self.azure.locked():
            if path in LISTS:
                deleted = [each for each in self.azure.deleted.values() if is_type(each.id, LISTS[path])]
                return list_page(request, [self.answer(each) for each in deleted])
            found = self.find(path.removesuffix("/purge"))
            return Response(200, self.answer(found)) if request.method == "GET" else self.purge(request, path, found)

    def find(self, path: str) -> Resource:
        """The deleted resource that a path names, with its location and an account's group."""
        name = name_of(path)
        kind = VAULTS if "/deletedvaults/" in path else ACCOUNTS
        for each in self.azure.deleted.values():
            location = str(each.body.get("location")).lower()
            if is_type(each.id, kind) and each.name.lower() == name and path == self.path_of(each, location):
                return each
        raise ArmError(404, "ResourceNotFound", f"The deleted resource '{name}' was not found.")

    def path_of(self, resource: Resource, location: str) -> str:
        if is_type(resource.id, VAULTS):
            return f"/providers/microsoft.keyvault/locations/{location}/deletedvaults/{resource.name.lower()}"
        group = name_of(group_of(resource.id)).lower()
        where = f"/providers/microsoft.cognitiveservices/locations/{location}/resourcegroups/{group}"
        return f"{where}/deletedaccounts/{resource.name.lower()}"

    def answer(self, resource: Resource) -> dict[str, Any]:
        """A deleted resource as Azure describes it."""
        location, tags = resource.body.get("location"), resource.body.get("tags")
        if is_type(resource.id, VAULTS):
            properties = {"vaultId": resource.id, "location": location, "deletionDate": "2026-11-21T10:00:00Z"}
            properties |= {"scheduledPurgeDate": "2026-11-28T10:00:00Z"} | ({"tags": tags} if tags else {})
            protected = resource.value("properties.enablePurgeProtection")
            properties |= {"purgeProtectionEnabled": True} if protected else {}
            return {"name": resource.name, "type": "Microsoft.KeyVault/deletedVaults", "properties": properties}
        return self.account(resource.name, name_of(group_of(resource.id)), str(location)) | {"tags": tags}

    def account(self, name: str, group: str, location: str) -> dict[str, Any]:
        where = f"{ROOT}/providers/Microsoft.CognitiveServices/locations/{location}/resourceGroups/{group}"
        return {"id": f"{where}/deletedAccounts/{name}", "name": name, "location": location, "kind": "AIServices"}

    def purge(self, request: Request, path: str, resource: Resource) -> Response:
        """Purge as an asynchronous operation."""
        expected = "POST" if is_type(resource.id, VAULTS) else "DELETE"
        if request.method != expected or path.endswith("/purge") != (expected == "POST"):
            raise ArmError(405, "MethodNotAllowed", "The method is not allowed.")
        if self.first_responses:
            return self.first_responses.pop(0)
        if resource.value("properties.enablePurgeProtection"):
            raise ArmError(409, "MethodNotAllowed", "Purge protection is enabled for this vault.")
        self.azure.purge(resource.id)
        self.purged.append(resource.name)
        at = f"https://{HOST}{OPERATION}?api-version=2024-11-01"
        return Response(202, headers={"Location": at, "Azure-AsyncOperation": at, "Retry-After": "0.01"})
