"""Requests to the played Resource Manager without a network, and the bodies of resources that it accepts."""

import json
from dataclasses import dataclass, field
from typing import Any

from tests.azure_fakes.azure import DEPLOYER, HOST, ROOT, TENANT, Azure
from tests.azure_fakes.cloud import Request, Response
from tests.azure_fakes.resource_manager import ResourceManager
from tests.azure_fakes.resources import Resources

GROUP = f"{ROOT}/resourceGroups/rg-of-the-tests"
TOKEN = {"authorization": "Bearer a-token-of-the-tests"}
LOCATION = {"location": "swedencentral"}
PASSWORD = "Xy-12345678-longer"
SERVER_PROPERTIES = {"administratorLogin": "feradmin", "administratorLoginPassword": PASSWORD, "version": "17"}


def in_group(path: str) -> str:
    """The id of a resource in the group, such as `Microsoft.KeyVault/vaults/kv`."""
    return f"{GROUP}/providers/{path}"


STORAGE = in_group("Microsoft.Storage/storageAccounts/stlake")
VAULT = in_group("Microsoft.KeyVault/vaults/kv-lake")
SECRET = f"{VAULT}/secrets/password"
SERVER = in_group("Microsoft.DBforPostgreSQL/flexibleServers/psql-lake")
ACCOUNT = in_group("Microsoft.CognitiveServices/accounts/ai-lake")
PROJECT, CHAT = f"{ACCOUNT}/projects/faces", f"{ACCOUNT}/deployments/chat"
FACTORY = in_group("Microsoft.DataFactory/factories/adf-lake")
ASSIGNMENT = f"{STORAGE}/providers/Microsoft.Authorization/roleAssignments/00000000-0000-4000-8000-000000000001"
BODIES: dict[str, dict[str, Any]] = {
    GROUP: LOCATION,
    STORAGE: {**LOCATION, "kind": "StorageV2", "sku": {"name": "Standard_LRS"}, "properties": {}},
    VAULT: {
        **LOCATION,
        "properties": {"tenantId": TENANT, "sku": {"family": "A", "name": "standard"}, "enableRbacAuthorization": True},
    },
    SECRET: {"properties": {"value": PASSWORD}},
    SERVER: {
        **LOCATION,
        "sku": {"name": "Standard_B1ms", "tier": "Burstable"},
        "properties": {**SERVER_PROPERTIES, "authConfig": {"activeDirectoryAuth": "Enabled"}},
    },
    ACCOUNT: {
        **LOCATION,
        "kind": "AIServices",
        "sku": {"name": "S0"},
        "identity": {"type": "SystemAssigned"},
        "properties": {"customSubDomainName": "ai-lake"},
    },
    PROJECT: {**LOCATION, "identity": {"type": "SystemAssigned"}, "properties": {}},
    CHAT: {
        "sku": {"name": "GlobalStandard", "capacity": 4},
        "properties": {"model": {"format": "OpenAI", "name": "gpt-5.4-mini", "version": "2026-03-17"}},
    },
    FACTORY: {**LOCATION, "identity": {"type": "SystemAssigned"}, "properties": {}},
    ASSIGNMENT: {
        "properties": {"principalId": DEPLOYER, "roleDefinitionId": "/x/role-1", "principalType": "User"},
    },
}


def changed(body: dict[str, Any], **paths: Any) -> dict[str, Any]:
    """A copy of a body with other values at some paths: `properties__version="16"`."""
    copy: dict[str, Any] = json.loads(json.dumps(body))
    for path, value in paths.items():
        *above, last = path.split("__")
        node = copy
        for key in above:
            node = node.setdefault(key, {})
        node[last] = value
    return copy


@dataclass
class ArmRequests:
    """A client of one played Azure."""

    azure: Azure = field(default_factory=Azure)

    def __post_init__(self) -> None:
        self.manager = ResourceManager([Resources(self.azure)], azure=self.azure)

    def send(self, method: str, path: str, body: Any = None, query: dict[str, str] | None = None) -> Response:
        return self.manager(Request(method, HOST, path, {"api-version": "2025-01-01", **(query or {})}, TOKEN, body))

    def put(self, path: str, body: Any = None) -> Response:
        return self.send("PUT", path, BODIES[path] if body is None else body)

    def make(self, *paths: str) -> None:
        """Create the group and these resources, each of which must be accepted."""
        for path in (GROUP, *paths):
            answer = self.put(path)
            assert answer.status in (200, 201), (path, answer.body)


def code(answer: Response) -> str:
    """The error's code; empty for a success."""
    return "" if answer.status < 400 else str(answer.body["error"]["code"])
