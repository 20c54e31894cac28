"""One account of models: its deployments, read and changed one at a time, and the models that it may use.

https://learn.microsoft.com/rest/api/aiservices/accountmanagement/deployments
https://learn.microsoft.com/rest/api/aiservices/accountmanagement/accounts
"""

import copy
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from tests.azure_fakes.cloud import Request, Response
from tests.azure_fakes.model_versions import as_version
from tests.azure_fakes.resource_manager import ROOT, error_response, list_page

POLICY_OF_AZURE = "OnceNewDefaultVersionAvailable"  # what a PUT without a policy gets
CREATED = "2026-01-28T02:57:15.8951706Z"


@dataclass
class ModelAccount:
    """An account. `deployments`: Azure's documents by name in lower case. `models`: those of its own list.

    A change is done after `states` answers: those provisioning states are shown first. It ends as `outcome` says, where
    "old" is Succeeded without the change, and "gone" deletes it. `conflicts`: so many changes are answered 409 first.
    `accepted`: changes are answered 202 without a body. `changed`: called with each request that changes something.
    `paused`: each pause and resume, in order. `pausable`: whether Azure knows them.
    """

    name: str = "ai-fer-ana"
    group: str = "rg-vector-lake-ana"
    location: str = "swedencentral"
    deployments: dict[str, dict[str, Any]] = field(default_factory=dict)
    models: list[dict[str, Any]] = field(default_factory=list)
    states: tuple[str, ...] = ()
    outcome: str = "Succeeded"
    conflicts: int = 0
    accepted: bool = False
    deleting: tuple[str, ...] = ("Deleting",)
    paused: list[str] = field(default_factory=list)
    pausable: bool = True
    changed: Callable[[Request], None] = lambda request: None
    pending: dict[str, list[str]] = field(default_factory=dict)
    number: int = 0

    @property
    def path(self) -> str:
        return f"{ROOT}/resourceGroups/{self.group}/providers/Microsoft.CognitiveServices/accounts/{self.name}"

    def document(self) -> dict[str, Any]:
        """The account as Azure describes it. Its region is as people write it in some answers."""
        endpoint = f"https://{self.name}.cognitiveservices.azure.com/"
        kind = {"kind": "AIServices", "location": self.location, "type": "Microsoft.CognitiveServices/accounts"}
        return {"id": self.path, "name": self.name, **kind, "properties": {"endpoint": endpoint}}

    def add(self, name: str, model: str, version: str, **other: Any) -> dict[str, Any]:
        """A deployment that stands. `other`: sku, capacity, policy (None: null), and more of its properties."""
        body: dict[str, Any] = {
            "sku": {"name": other.pop("sku", "GlobalStandard"), "capacity": other.pop("capacity", 10)},
            "properties": {"model": {"format": other.pop("format", "OpenAI"), "name": model, "version": version}},
        }
        policy = other.pop("policy", "NoAutoUpgrade")
        if policy:
            body["properties"]["versionUpgradeOption"] = policy
        body["properties"] |= {"raiPolicyName": "Microsoft.DefaultV2", **other}
        return self.store(name, body)

    def store(self, name: str, body: dict[str, Any], state: str = "Succeeded") -> dict[str, Any]:
        """Keep a body as Azure would, with what Azure adds."""
        self.number += 1
        before = self.deployments.get(name.lower(), {})
        capacity = body["sku"]["capacity"]
        limits = [{"key": "request", "renewalPeriod": 10, "count": capacity}]
        own = {
            "currentCapacity": capacity,
            "capabilities": {"chatCompletion": "true", "area": "EUR"},
            "provisioningState": state,
            "rateLimits": limits,
        }
        people = {"createdBy": "ana@example.edu", "lastModifiedBy": "luis@example.edu", "lastModifiedAt": CREATED}
        created = before.get("systemData", {}).get("createdAt", f"{CREATED[:-1]}{self.number}Z")
        self.deployments[name.lower()] = {
            **copy.deepcopy(body),
            "id": f"{self.path}/deployments/{name}",
            "type": "Microsoft.CognitiveServices/accounts/deployments",
            "name": before.get("name", name),
            "properties": {**copy.deepcopy(body["properties"]), **own},
            "systemData": {**people, "createdAt": created},
            "etag": f'"{self.number}"',
        }
        return self.deployments[name.lower()]

    def __call__(self, request: Request) -> Response | None:
        if request.path == f"{ROOT}/providers/Microsoft.CognitiveServices/accounts":
            return list_page(request, [self.document()])
        if not request.path.lower().startswith(self.path.lower()):
            return None
        kind, _, name = request.path[len(self.path) :].strip("/").partition("/")
        if not kind:
            return Response(200, self.document())
        if kind == "models":
            version = request.query["api-version"]
            return list_page(request, [as_version(each["model"], version) for each in self.models])
        if kind == "deployments" and not name:
            return list_page(request, [self.read(each) for each in list(self.deployments)])
        if kind == "deployments" and name.endswith(("/pause", "/resume")):
            return self.pause(request, *name.rsplit("/", 1))
        return self.deployment(request, unquote(name)) if kind == "deployments" and "/" not in name else None

    def pause(self, request: Request, name: str, action: str) -> Response:
        """Pause or resume a deployment, which a preview of the API does."""
        if not self.pausable or request.query["api-version"] != "2026-03-15-preview":
            return error_response(400, "InvalidApiVersionParameter")
        self.paused.append(f"{action} {name}")
        return Response(200, self.deployments[name.lower()])

    def deployment(self, request: Request, name: str) -> Response:
        """GET, PUT, PATCH and DELETE of one deployment."""
        exists = name.lower() in self.deployments
        if request.method == "GET" or (request.method in ("DELETE", "PATCH") and not exists):
            found = self.read(name.lower()) if exists else None
            missing = error_response(404, "ResourceNotFound", f"There is no deployment {name}.")
            return Response(204) if request.method == "DELETE" else Response(200, found) if found else missing
        self.changed(request)
        if self.conflicts:
            self.conflicts -= 1
            return error_response(409, "RequestConflict", "Another operation is being performed.")
        if request.method == "DELETE":
            self.deployments[name.lower()]["properties"]["provisioningState"] = "Deleting"
            self.pending[name.lower()] = [*self.deleting, "gone"]
            return Response(202, headers={"Location": f"https://management.azure.com{request.path}"})
        return self.change(request, name, exists)

    def change(self, request: Request, name: str, exists: bool) -> Response:
        """PUT or PATCH: refused as Azure refuses it, or begun."""
        before = self.deployments.get(name.lower())
        body = copy.deepcopy(request.body)
        if request.method == "PATCH":
            assert set(body) <= {"sku", "tags"} and before
            body = {"sku": body["sku"], "properties": before["properties"]}
        refused = self.refused(before, body) if before else None
        if refused:
            return refused
        body["properties"].setdefault("versionUpgradeOption", POLICY_OF_AZURE)
        if self.outcome == "old" and before:
            body = {"sku": before["sku"], "properties": before["properties"]}
        first = self.states[0] if self.states else "Succeeded"
        stored = self.store(name, body, first)
        ended = "Succeeded" if self.outcome == "old" else self.outcome
        self.pending[name.lower()] = [*self.states[1:], ended]
        answer = copy.deepcopy(stored)
        return Response(202) if self.accepted else Response(200 if exists else 201, answer)

    def refused(self, before: dict[str, Any], body: dict[str, Any]) -> Response | None:
        """What Azure refuses of a change."""
        old, new = before["properties"]["model"], body["properties"]["model"]
        provisioned = "provisioned" in before["sku"]["name"].lower()
        if old["name"] != new["name"] and not provisioned:
            return error_response(400, "CannotChangeDeploymentModel", "The model of deployment cannot be changed.")
        if old != new and before["sku"]["capacity"] != body["sku"]["capacity"]:
            return error_response(400, "BadRequest", "Cannot change capacity and model at the same time for deployment")
        return None

    def read(self, name: str) -> dict[str, Any] | None:
        """A deployment as it is now: each reading brings its change one state further."""
        states = self.pending.get(name, [])
        if states:
            state = states.pop(0)
            if state == "gone":
                del self.deployments[name], self.pending[name]
                return None
            self.deployments[name]["properties"]["provisioningState"] = state
        return self.deployments[name]
