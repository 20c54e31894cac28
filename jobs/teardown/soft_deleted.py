"""Azure's bin: deleted vaults and Foundry accounts cost nothing there, but hold their names and the models' quota.

https://learn.microsoft.com/rest/api/keyvault/keyvault/vaults/get-deleted
https://learn.microsoft.com/rest/api/aiservices/accountmanagement/deleted-accounts
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from azure.core.exceptions import ResourceNotFoundError

from jobs.azure import api_versions
from jobs.azure.arm import Arm
from jobs.azure.errors import translate_errors
from jobs.teardown.record import Names


@dataclass(frozen=True)
class DeletedResource:
    """One thing that may lie in the bin: where, how it is purged, and who may do so."""

    kind: str
    name: str
    path: str
    version: str
    purge: tuple[str, str]
    role: str

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


def candidates(names: Names) -> list[DeletedResource]:
    """The stack's vault and account, wherever they lie."""
    of = f"/subscriptions/{names.subscription_id}/providers"
    vault = f"{of}/Microsoft.KeyVault/locations/{names.vault_location}/deletedVaults/{names.vault}"
    account = (
        f"{of}/Microsoft.CognitiveServices/locations/{names.foundry_location}"
        f"/resourceGroups/{names.resource_group}/deletedAccounts/{names.foundry}"
    )
    return [
        DeletedResource(
            "vault", names.vault, vault, api_versions.KEY_VAULT, ("POST", f"{vault}/purge"), "Key Vault Contributor"
        ),
        DeletedResource(
            "Foundry account",
            names.foundry,
            account,
            api_versions.COGNITIVE_SERVICES,
            ("DELETE", account),
            "Cognitive Services Contributor on the subscription",
        ),
    ]


def find_deleted(arm: Arm, deleted: DeletedResource, names: Names) -> Mapping[str, Any] | None:
    """What Azure tells of it if it lies in the bin and was the stack's, else None. Raises Failure."""
    with translate_errors(f"the deleted {deleted}", deleted.role):
        try:
            found = arm.get(deleted.path, deleted.version)
        except ResourceNotFoundError:
            return None
    return found if of_stack(found, names) else None


def of_stack(found: Mapping[str, Any], names: Names) -> bool:
    """Whether it stood in the stack's group, under its tags: another stack may have had the name before."""
    properties = found.get("properties") or {}
    tags = found.get("tags") or properties.get("tags") or {}
    stood = str(properties.get("vaultId") or names.group_id + "/").lower()
    other = any(tags.get(key, value) != value for key, value in names.tags.items())
    return stood.startswith(f"{names.group_id}/".lower()) and not other


def protection(found: Mapping[str, Any]) -> str:
    """Why it cannot be purged, or nothing: purge protection, which infra/ never switches on, is for good."""
    properties = found.get("properties") or {}
    if not properties.get("purgeProtectionEnabled"):
        return ""
    return f"protected from purging until {properties.get('scheduledPurgeDate')}"


def purge(arm: Arm, deleted: DeletedResource) -> None:
    """Empty the bin of it, for good, and wait until that is done. Raises Failure.

    What has gone since it was looked at is purged as well: the purge of a run that was killed goes on in Azure.
    """
    method, path = deleted.purge
    with (
        translate_errors(f"to purge the {deleted}", deleted.role, "run the same command again in some minutes"),
        suppress(ResourceNotFoundError),
    ):
        arm.finish(method, path, deleted.version)
