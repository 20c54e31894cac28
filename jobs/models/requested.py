"""The models in the configuration of a stack, with the quota that their deployments use already."""

from collections.abc import Iterable, Mapping
from dataclasses import MISSING, dataclass, fields, replace
from typing import Any

from azure.core.exceptions import ResourceNotFoundError

from jobs.azure import api_versions
from jobs.azure.arm import Arm
from jobs.configuration import Configuration
from jobs.errors import ErrorKind, JobError
from jobs.models.deployments import Deployment
from jobs.models.life import Policy


@dataclass(frozen=True, kw_only=True)
class RequestedModel:
    """One entry of the setting `models`. `held_quota` is what its deployment uses already, 0 without one."""

    alias: str
    model: str
    version: str
    sku: str
    capacity: int
    format: str = "OpenAI"
    held_quota: float = 0
    two_changes: str = ""  # what differs from the deployment, where Azure refuses that in one request

    @property
    def required_quota(self) -> float:
        """The quota that has to be free for it."""
        return self.capacity - self.held_quota


REQUIRED = frozenset(each.name for each in fields(RequestedModel) if each.default is MISSING)


def read_requested(config: Configuration, deployments: Iterable[Mapping[str, Any]]) -> list[RequestedModel]:
    """The stack's models, with the quota of the account's deployments {name, sku, properties: {model}}.

    Raises JobError for an entry that the Pulumi program would refuse.
    """
    existing = {str(each.get("name")).lower(): each for each in deployments}
    if not all(each.keys() >= REQUIRED and isinstance(each["capacity"], int) for each in config.models):
        raise JobError(
            f"An entry of `models` in {config.file} lacks one of {', '.join(sorted(REQUIRED))}, or its capacity is not "
            "a whole number: fix it, docs/settings.md has an example.",
            ErrorKind.invalid,
        )
    return [to_requested(each, existing.get(str(each["alias"]).lower(), {})) for each in config.models]


def to_requested(entry: Mapping[str, Any], deployed: Mapping[str, Any]) -> RequestedModel:
    request = RequestedModel(
        alias=str(entry["alias"]),
        model=str(entry["model"]),
        version=str(entry["version"]),
        sku=str(entry["sku"]),
        capacity=entry["capacity"],
    )
    if entry.get("format"):
        request = replace(request, format=str(entry["format"]))
    there = Deployment(deployed)
    if (there.model, there.sku.lower()) != (request.model, request.sku.lower()):
        return request  # replaced, or another one
    if there.version == request.version:
        return replace(request, held_quota=float(there.capacity))
    pinned = (
        entry.get("upgradePolicy", Policy.pinned) == Policy.pinned
    )  # with another policy Pulumi sends the old model
    if not pinned or there.capacity == request.capacity:
        return request
    text = f"version {there.version} to {request.version} and capacity {there.capacity} to {request.capacity} at once"
    return replace(request, two_changes=f"Azure refuses {text}")


def list_deployments(arm: Arm, subscription_id: str, config: Configuration) -> list[Mapping[str, Any]]:
    """The deployments in the stack's account; none without the account. Raises AzureError.

    https://learn.microsoft.com/rest/api/aiservices/accountmanagement/deployments/list
    """
    group = f"/subscriptions/{subscription_id}/resourceGroups/{config.resource_group}"
    path = f"{group}/providers/Microsoft.CognitiveServices/accounts/{config.foundry}/deployments"
    try:
        return list(arm.pages(path, api_versions.COGNITIVE_SERVICES))
    except ResourceNotFoundError:
        return []
