"""Connections of a Foundry project: Resource Manager keeps them without their keys, the project gives them out.

https://learn.microsoft.com/rest/api/aiservices/accountmanagement/project-connections
https://learn.microsoft.com/rest/api/aifoundry/aiprojects/connections/get-with-credentials
"""

import copy
import re
from dataclasses import dataclass
from typing import Any

from tests.azure_fakes.azure import Azure
from tests.azure_fakes.cloud import Request, Response

HOSTS = "*.services.ai.azure.com"
CONNECTION = "Microsoft.CognitiveServices/accounts/projects/connections"
WITH_KEYS = re.compile(r"/api/projects/(?P<project>[^/]+)/connections/(?P<name>[^/]+)/getConnectionWithCredentials")


@dataclass
class FoundryConnections:
    """The project's own host, as far as connections go."""

    azure: Azure

    def __call__(self, request: Request) -> Response:
        named = WITH_KEYS.fullmatch(request.path)
        if request.method != "POST" or not named or not request.headers.get("authorization", "").startswith("Bearer "):
            return Response(404, {"error": {"code": "NotFound", "message": request.path}})
        account = request.host.partition(".")[0]
        end = f"/accounts/{account}/projects/{named['project']}/connections/{named['name']}".lower()
        for each in self.azure.of_type(CONNECTION):
            if each.id.lower().endswith(end):
                return Response(200, described(each.name, each.body["properties"]))
        return Response(404, {"error": {"code": "NotFound", "message": f"Connection {named['name']} can't be found."}})


def described(name: str, properties: dict[str, Any]) -> dict[str, Any]:
    """A connection with its keys, as the project describes it."""
    keys = copy.deepcopy((properties.get("credentials") or {}).get("keys") or {})
    return {
        "name": name,
        "id": name,
        "type": properties["category"],
        "target": properties["target"],
        "isDefault": False,
        "metadata": properties.get("metadata") or {},
        "credentials": {"type": properties["authType"], **keys},
    }
