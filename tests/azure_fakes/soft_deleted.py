"""Soft-deleted vaults and Foundry accounts: get and purge.

https://learn.microsoft.com/rest/api/keyvault/keyvault/vaults/get-deleted
https://learn.microsoft.com/rest/api/keyvault/keyvault/vaults/purge-deleted
https://learn.microsoft.com/rest/api/aiservices/accountmanagement/deleted-accounts (get, purge)
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.azure_fakes.cloud import Request, Response
from tests.azure_fakes.resource_manager import HOST, ROOT, error_response, path_below

OPERATION = f"{ROOT}/providers/purging"
VERSIONS = {"microsoft.keyvault": "2024-11-01", "microsoft.cognitiveservices": "2025-06-01"}


def vault(name: str, location: str, group: str, tags: dict[str, str], **more: Any) -> tuple[str, dict[str, Any]]:
    """The path of a soft-deleted vault, and what Azure returns for it."""
    at = f"{ROOT}/resourceGroups/{group}/providers/Microsoft.KeyVault/vaults/{name}"
    properties = {"vaultId": at, "location": location, "tags": tags, "scheduledPurgeDate": "2026-11-28T10:00:00Z"}
    where = f"/providers/microsoft.keyvault/locations/{location}/deletedvaults/{name}"
    return where, {"name": name, "type": "Microsoft.KeyVault/deletedVaults", "properties": properties | more}


def account(name: str, location: str, group: str, tags: dict[str, str]) -> tuple[str, dict[str, Any]]:
    """The path of a soft-deleted Foundry account, and what Azure returns for it."""
    where = f"/providers/microsoft.cognitiveservices/locations/{location}/resourcegroups/{group}/deletedaccounts/{name}"
    return where, {"name": name, "kind": "AIServices", "location": location, "tags": tags, "properties": {}}


@dataclass
class SoftDeleted:
    """The soft-deleted resources of a subscription.

    `resources`: by path. They exist once `is_gone` returns True. `purged`: the names of the purged ones, in order.
    `first_responses`: answers to a purge that are returned first, each once.
    """

    is_gone: Callable[[], bool]
    resources: dict[str, dict[str, Any]] = field(default_factory=dict)
    purged: list[str] = field(default_factory=list)
    first_responses: list[Response] = field(default_factory=list)

    def __call__(self, request: Request) -> Response | None:
        path = path_below(request, ROOT) or ""
        if path_below(request, OPERATION) is not None:
            return Response(200, {"status": "Succeeded"})
        where = path.removesuffix("/purge")
        if "/deletedvaults/" not in where and "/deletedaccounts/" not in where:
            return None
        if request.query.get("api-version") != VERSIONS[where.split("/")[2]]:
            return error_response(400, "NoRegisteredProviderFound")
        if where not in self.resources or not self.is_gone():
            return error_response(404, "ResourceNotFound")
        if request.method == "GET":
            return Response(200, self.resources[where])
        return self.purge(request.method, path, where)

    def purge(self, method: str, path: str, where: str) -> Response:
        """Purge as an asynchronous operation."""
        expected = ("POST", f"{where}/purge") if "/deletedvaults/" in where else ("DELETE", where)
        if (method, path) != expected:
            return error_response(405, "MethodNotAllowed")
        if self.first_responses:
            return self.first_responses.pop(0)
        self.purged.append(str(self.resources.pop(where)["name"]))
        at = f"https://{HOST}{OPERATION}?api-version=2024-11-01"
        return Response(202, headers={"Location": at, "Azure-AsyncOperation": at, "Retry-After": "0.01"})
