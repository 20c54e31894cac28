"""The deployments of an account: Azure's document, and what of it goes back in a change.

A change is read, altered, and written whole: what a PUT leaves out gets a default of Azure's.
https://learn.microsoft.com/rest/api/aiservices/accountmanagement/deployments
"""

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jobs.azure import api_versions
from jobs.azure.arm import Arm
from jobs.models.account import ModelAccount
from jobs.models.life import Kind, effective_policy, kind_of_sku

VERSION = api_versions.COGNITIVE_SERVICES
SUCCEEDED, DELETING = "Succeeded", "Deleting"
FAILED_STATES = ("Failed", "Canceled", "Disabled")
# What Azure owns. `currentCapacity` looks writable: it is what Azure has set, not what was asked for.
OWNED = ("id", "type", "name", "etag", "systemData")
OWNED_PROPERTIES = (
    *("provisioningState", "capabilities", "rateLimits", "callRateLimit", "dynamicThrottlingEnabled"),
    "currentCapacity",
)


@dataclass(frozen=True)
class Deployment:
    """One deployment. `document` is Azure's, with every key; the unit of `capacity` is that of the SKU."""

    document: Mapping[str, Any]

    @property
    def name(self) -> str:
        return str(self.document.get("name") or "")

    @property
    def properties(self) -> Mapping[str, Any]:
        return self.document.get("properties") or {}

    @property
    def model(self) -> str:
        return str((self.properties.get("model") or {}).get("name") or "")

    @property
    def version(self) -> str:
        return str((self.properties.get("model") or {}).get("version") or "")

    @property
    def format(self) -> str:
        return str((self.properties.get("model") or {}).get("format") or "OpenAI")

    @property
    def sku(self) -> str:
        return str((self.document.get("sku") or {}).get("name") or "")

    @property
    def kind(self) -> Kind:
        return kind_of_sku(self.sku)

    @property
    def capacity(self) -> int:
        return int((self.document.get("sku") or {}).get("capacity") or 0)

    @property
    def policy(self) -> str | None:
        """The policy as Azure has it; None is its `null`, see effective_policy."""
        return self.properties.get("versionUpgradeOption")

    @property
    def state(self) -> str:
        return str(self.properties.get("provisioningState") or "")

    @property
    def created(self) -> str:
        """When it was created: another one of that name has another time."""
        return str((self.document.get("systemData") or {}).get("createdAt") or "")

    def values(self) -> dict[str, Any]:
        """What a change can change."""
        return {
            "model": self.model,
            "version": self.version,
            "sku": self.sku,
            "capacity": self.capacity,
            "policy": self.policy,
        }

    def effective_values(self) -> dict[str, Any]:
        """The same with the policy that Azure applies, where it has null."""
        return {**self.values(), "policy": effective_policy(self.policy)}


def list_deployments(arm: Arm, account: ModelAccount) -> list[Deployment]:
    """Every deployment of an account. Raises AzureError."""
    return [Deployment(each) for each in arm.pages(f"{account.path}/deployments", VERSION)]


def read_deployment(arm: Arm, account: ModelAccount, name: str) -> Deployment:
    """One deployment. Raises AzureError: ResourceNotFoundError where there is none of that name."""
    return Deployment(arm.get(account.deployment_path(name), VERSION))


def writable(document: Mapping[str, Any]) -> dict[str, Any]:
    """A document without what Azure owns: what a PUT sends back unchanged, keys that are newer than this file too.

    The policy is always there: left out, Azure decides.
    """
    body = {key: copy.deepcopy(value) for key, value in document.items() if key not in OWNED}
    properties = body.setdefault("properties", {})
    for key in OWNED_PROPERTIES:
        properties.pop(key, None)
    if isinstance(properties.get("model"), dict):
        properties["model"].pop("callRateLimit", None)
    properties["versionUpgradeOption"] = effective_policy(properties.get("versionUpgradeOption"))
    return body


def with_model(deployment: Deployment, model: str, version: str) -> dict[str, Any]:
    """The body that changes the model or its version, and nothing else: Azure refuses both that and the capacity."""
    body = writable(deployment.document)
    body["properties"]["model"] = {**body["properties"].get("model", {}), "name": model, "version": version}
    return body


def with_policy(deployment: Deployment, policy: str) -> dict[str, Any]:
    """The body that changes the policy."""
    body = writable(deployment.document)
    body["properties"]["versionUpgradeOption"] = policy
    return body


def with_capacity(deployment: Deployment, capacity: int) -> dict[str, Any]:
    """The body of the PATCH that changes the capacity: a PATCH takes only the SKU and tags."""
    return {"sku": {**(deployment.document.get("sku") or {}), "capacity": capacity}}


def new_deployment(values: Mapping[str, Any]) -> dict[str, Any]:
    """The body that creates a deployment of `values`: format, model, version, sku, capacity, policy, content_filter."""
    properties: dict[str, Any] = {
        "model": {"format": values["format"], "name": values["model"], "version": values["version"]},
        "versionUpgradeOption": values["policy"],
    }
    if values.get("content_filter"):
        properties["raiPolicyName"] = values["content_filter"]
    return {"sku": {"name": values["sku"], "capacity": values["capacity"]}, "properties": properties}


def same_state(one: Deployment, other: Deployment) -> bool:
    """Whether nothing changed between two readings: by the etag, and without one by what can be written."""
    tags = one.document.get("etag"), other.document.get("etag")
    return tags[0] == tags[1] if all(tags) else writable(one.document) == writable(other.document)
