"""The models that a stack is configured for, beside those that stand already."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from azure.core.exceptions import ResourceNotFoundError

from jobs.azure import api_versions
from jobs.azure.arm import Arm
from jobs.configuration import Configuration
from jobs.errors import JobError

WHOLE = {"alias", "model", "version", "sku", "capacity"}


@dataclass(frozen=True)
class RequestedModel:
    """One entry of the setting `models`; `held` is what its deployment has of the quota, 0 before there is one."""

    alias: str
    model: str
    version: str
    format: str
    sku: str
    capacity: int
    held: float = 0

    @property
    def need(self) -> float:
        """What has to be free for it in the quota."""
        return self.capacity - self.held


def read_requested(chosen: Configuration, deployments: Iterable[Mapping[str, Any]]) -> list[RequestedModel]:
    """The stack's models, beside the account's deployments {name, sku, properties: {model}}.

    Raises Failure for an entry that the program itself would refuse.
    """
    standing = {str(each.get("name")).lower(): each for each in deployments}
    if not all(each.keys() >= WHOLE and isinstance(each["capacity"], int) for each in chosen.models):
        raise JobError(
            f"An entry of `models` in {chosen.file} lacks one of {', '.join(sorted(WHOLE))}, or its capacity is no "
            "number: mend it, docs/settings.md has an example."
        )
    return [to_requested(each, standing.get(str(each["alias"]).lower(), {})) for each in chosen.models]


def to_requested(entry: Mapping[str, Any], deployed: Mapping[str, Any]) -> RequestedModel:
    wish = RequestedModel(
        alias=str(entry["alias"]),
        model=str(entry["model"]),
        version=str(entry["version"]),
        format=str(entry.get("format") or "OpenAI"),
        sku=str(entry["sku"]),
        capacity=entry["capacity"],
    )
    model, sku = (deployed.get("properties") or {}).get("model") or {}, deployed.get("sku") or {}
    same = (model.get("name"), model.get("version"), sku.get("name")) == (wish.model, wish.version, wish.sku)
    return replace(wish, held=float(sku.get("capacity") or 0)) if same else wish


def list_deployments(arm: Arm, subscription_id: str, chosen: Configuration) -> list[Mapping[str, Any]]:
    """What stands in the stack's account; nothing where there is no account yet. Raises AzureError.

    https://learn.microsoft.com/rest/api/aiservices/accountmanagement/deployments/list
    """
    group = f"/subscriptions/{subscription_id}/resourceGroups/{chosen.resource_group}"
    path = f"{group}/providers/Microsoft.CognitiveServices/accounts/{chosen.foundry}/deployments"
    try:
        return list(arm.pages(path, api_versions.COGNITIVE_SERVICES))
    except ResourceNotFoundError:
        return []
