"""The soft-deleted vault and Foundry account of a stack: which are its own, and how they are purged."""

from contextlib import suppress

from azure.core.exceptions import ResourceNotFoundError

from jobs.azure.arm import Arm
from jobs.azure.errors import translate_errors
from jobs.azure.soft_deleted import FOUNDRY_ACCOUNT, VAULT, DeletedResource, get_deleted, purge_deleted
from jobs.teardown.record import StackNames


def candidates(names: StackNames) -> list[DeletedResource]:
    """The stack's vault and account, whether they are soft-deleted or not."""
    return [
        DeletedResource(
            kind=VAULT, subscription_id=names.subscription_id, name=names.vault, location=names.vault_location
        ),
        DeletedResource(
            kind=FOUNDRY_ACCOUNT,
            subscription_id=names.subscription_id,
            name=names.foundry,
            location=names.foundry_location,
            group=names.resource_group,
        ),
    ]


def find_deleted(arm: Arm, names: StackNames) -> list[DeletedResource]:
    """Those that are soft-deleted and were this stack's. Raises JobError."""
    deleted = []
    for each in candidates(names):
        with translate_errors(f"the deleted {each}", each.kind.purge_role):
            resource = get_deleted(arm, each)
        if resource is not None and was_of_stack(resource, names):
            deleted.append(resource)
    return deleted


def was_of_stack(resource: DeletedResource, names: StackNames) -> bool:
    """Whether it was in the stack's group, under its tags: another stack may have used the name before."""
    old_id = str(resource.properties.get("vaultId") or f"{names.group_id}/").lower()
    other_tags = any(resource.tags.get(key, value) != value for key, value in names.tags.items())
    return old_id.startswith(f"{names.group_id}/".lower()) and not other_tags


def protection_reason(resource: DeletedResource) -> str:
    """Why it cannot be purged; purge protection, which infra/ never turns on, cannot be turned off again."""
    return f"protected from purging until {resource.properties.get('scheduledPurgeDate')}"


def purge(arm: Arm, resource: DeletedResource) -> None:
    """Remove it for good, and wait until that is done. Raises JobError.

    One that is gone by now counts as purged: the purge of a run that was killed goes on in Azure.
    """
    hint = "run the same command again in some minutes"
    with translate_errors(f"to purge the {resource}", resource.kind.purge_role, hint), suppress(ResourceNotFoundError):
        purge_deleted(arm, resource)
