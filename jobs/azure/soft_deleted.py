"""Soft-deleted vaults and Foundry accounts: free of charge, but they keep their names, and accounts their quota.

Azure removes them when their retention ends, or at once when they are purged.
https://learn.microsoft.com/rest/api/keyvault/keyvault/vaults (list-deleted, get-deleted, purge-deleted)
https://learn.microsoft.com/rest/api/aiservices/accountmanagement/deleted-accounts
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from azure.core.exceptions import ResourceNotFoundError

from jobs.azure import api_versions
from jobs.azure.arm import Arm


@dataclass(frozen=True, kw_only=True)
class DeletedKind:
    """How Resource Manager lists and purges one type of resource. `purge_role` is the role that purging needs."""

    label: str
    provider: str
    collection: str
    api_version: str
    purge_method: str
    purge_suffix: str
    purge_role: str
    az_command: str
    in_group: bool  # whether its path has the resource group


VAULT = DeletedKind(
    label="vault",
    provider="Microsoft.KeyVault",
    collection="deletedVaults",
    api_version=api_versions.KEY_VAULT,
    purge_method="POST",
    purge_suffix="/purge",
    purge_role="Key Vault Contributor",
    az_command="az keyvault purge",
    in_group=False,
)
FOUNDRY_ACCOUNT = DeletedKind(
    label="Foundry account",
    provider="Microsoft.CognitiveServices",
    collection="deletedAccounts",
    api_version=api_versions.COGNITIVE_SERVICES,
    purge_method="DELETE",
    purge_suffix="",
    purge_role="Cognitive Services Contributor on the subscription",
    az_command="az cognitiveservices account purge",
    in_group=True,
)


@dataclass(frozen=True, kw_only=True)
class DeletedResource:
    """One soft-deleted resource. `group` is empty for a vault, and for an account whose group Azure does not report."""

    kind: DeletedKind
    subscription_id: str
    name: str
    location: str
    group: str = ""
    properties: Mapping[str, Any] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.kind.label} {self.name}"

    @property
    def path(self) -> str:
        group = f"/resourceGroups/{self.group}" if self.group else ""
        base = f"/subscriptions/{self.subscription_id}/providers/{self.kind.provider}/locations/{self.location}"
        return f"{base}{group}/{self.kind.collection}/{self.name}"

    @property
    def is_purge_protected(self) -> bool:
        """Nobody can purge it before its retention ends."""
        return bool(self.properties.get("purgeProtectionEnabled"))

    @property
    def purge_command(self) -> str:
        """The Azure CLI's command that purges it; empty where no command can."""
        if self.is_purge_protected or (self.kind.in_group and not self.group):
            return ""
        group = f" --resource-group {self.group}" if self.group else ""
        return f"{self.kind.az_command} --name {self.name}{group} --location {self.location}"


def list_deleted(arm: Arm, subscription_id: str, kind: DeletedKind) -> Iterator[DeletedResource]:
    """Every soft-deleted resource of a kind in the subscription. Raises AzureError."""
    path = f"/subscriptions/{subscription_id}/providers/{kind.provider}/{kind.collection}"
    for answer in arm.pages(path, kind.api_version):
        yield parse_deleted(kind, subscription_id, answer)


def get_deleted(arm: Arm, resource: DeletedResource) -> DeletedResource | None:
    """The resource with its properties and tags; None where it is not soft-deleted. Raises AzureError."""
    try:
        answer = arm.get(resource.path, resource.kind.api_version)
    except ResourceNotFoundError:
        return None
    properties = answer.get("properties") or {}
    return replace(resource, properties=properties, tags=answer.get("tags") or properties.get("tags") or {})


def purge_deleted(arm: Arm, resource: DeletedResource) -> None:
    """Remove it for good, and wait until that is done. Raises AzureError."""
    kind = resource.kind
    arm.run_operation(kind.purge_method, f"{resource.path}{kind.purge_suffix}", kind.api_version)


def parse_deleted(kind: DeletedKind, subscription_id: str, answer: Mapping[str, Any]) -> DeletedResource:
    """An account's id is .../locations/LOCATION/resourceGroups/GROUP/deletedAccounts/NAME."""
    properties = answer.get("properties") or {}
    group = re.search("/resourceGroups/([^/]+)", str(answer.get("id")), re.IGNORECASE) if kind.in_group else None
    return DeletedResource(
        kind=kind,
        subscription_id=subscription_id,
        name=str(answer.get("name")),
        location=str(answer.get("location") or properties.get("location")),
        group=group[1] if group else "",
        properties=properties,
        tags=answer.get("tags") or properties.get("tags") or {},
    )
