"""Rules of order: what must exist or be ready before something else, and what must be gone before it is deleted."""

import re
import time
from typing import Any

from tests.azure_fakes.arm_ids import group_of, is_type, parent_of, scope_of, top_of, type_of
from tests.azure_fakes.azure import ROOT, ArmError
from tests.azure_fakes.change import Change

SERVER, ACCOUNT = "Microsoft.DBforPostgreSQL/flexibleServers", "Microsoft.CognitiveServices/accounts"
STORAGE, FACTORY = "Microsoft.Storage/storageAccounts", "Microsoft.DataFactory/factories"
SECRET_ROLES = {"b86a8fe4-44ce-4948-aee5-eccb2c155cd7", "00482a5a-887f-4fb3-b363-3b7fe8e74483"}
BUSY = {
    SERVER: (
        "ServerIsBusy",
        "Cannot complete operation because server '{}' is busy processing another operation. Please try again later.",
    ),
    ACCOUNT: (
        "RequestConflict",
        "Another operation is being performed on the parent resource '{}'. Please try again later.",
    ),
    STORAGE: (
        "StorageAccountOperationInProgress",
        "An operation is currently performing on this storage account that requires exclusive access.",
    ),
}
NESTED = (f"{ACCOUNT}/projects", f"{ACCOUNT}/capabilityHosts", f"{ACCOUNT}/projects/capabilityHosts")
# The folder of a factory that a reference of this type points to.
REFERENCES = {
    "LinkedServiceReference": "linkedservices",
    "DatasetReference": "datasets",
    "PipelineReference": "pipelines",
    "IntegrationRuntimeReference": "integrationruntimes",
    "ManagedVirtualNetworkReference": "managedvirtualnetworks",
}
BUILT_IN = "AutoResolveIntegrationRuntime"


def parent_exists(change: Change) -> None:
    """https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/error-parent-resource"""
    parent = parent_of(change.id)
    if parent.lower() == ROOT.lower() or change.azure.find(parent):
        return
    code = "ParentResourceNotFound" if change.azure.find(group_of(change.id)) else "ResourceGroupNotFound"
    raise ArmError(404, code, f"'{parent}' could not be found.")


def one_operation_at_a_time(change: Change) -> None:
    """A server, an AI account and a storage account run one operation at a time, children included.

    https://github.com/Azure/azure-postgresql/issues/134, https://github.com/pulumi/pulumi-azure-native/issues/4761
    """
    owner = top_of(change.id)
    code, message = next((BUSY[kind] for kind in BUSY if is_type(owner, kind)), ("", ""))
    busy = [each for each in (change.azure.find(owner), *change.azure.below(owner)) if each and each.is_busy]
    if code and [each for each in busy if type_of(each.id).startswith(type_of(owner))]:
        raise ArmError(409, code, message.format(owner.rpartition("/")[2]))


def account_has_settled(change: Change) -> None:
    """An AI account's creation ends before the account is ready for its first project.

    https://github.com/microsoft/microsoft-foundry-for-vscode/issues/116
    """
    account = change.azure.find(parent_of(change.id)) if change.is_type(f"{ACCOUNT}/projects") else None
    if account and not change.old and time.time() - account.made_at < change.azure.settle_seconds:
        message = "Parent account does not provision correctly, please retry creating the account."
        raise ArmError(400, "BadRequest", message)


def references(value: Any) -> set[tuple[str, str]]:
    """Folder and name of everything that a Data Factory document refers to."""
    if isinstance(value, list):
        return {found for each in value for found in references(each)}
    if not isinstance(value, dict):
        return set()
    found = {pair for each in value.values() for pair in references(each)}
    folder, name = REFERENCES.get(str(value.get("type"))), value.get("referenceName")
    return found | {(folder, name.lower())} if folder and isinstance(name, str) and name != BUILT_IN else found


def references_exist(change: Change) -> None:
    """https://learn.microsoft.com/azure/data-factory/continuous-integration-delivery (the order of documents)"""
    factory = top_of(change.id)
    if not is_type(factory, FACTORY) or change.id == factory:
        return
    for folder, name in sorted(references(change.body)):
        if not change.azure.find(f"{factory}/{folder}/{name}"):
            message = f"invalid reference '{name}': {folder} references entity '{name}' not found."
            raise ArmError(400, "BadRequest", f"The document creation or update failed because of {message}")


def nothing_refers_to_it(change: Change) -> None:
    """https://github.com/hashicorp/terraform-provider-azurerm/issues/22514"""
    factory = top_of(change.id)
    if not is_type(factory, FACTORY) or change.id == factory:
        return
    folder = change.id.split("/")[-2].lower()
    users = [
        each.name for each in change.azure.below(factory) if (folder, change.name.lower()) in references(each.body)
    ]
    if users:
        message = f"The document cannot be deleted since it is referenced by {', '.join(sorted(users))}."
        raise ArmError(400, "BadRequest", message)


def trigger_is_stopped(change: Change) -> None:
    """A started trigger is neither changed nor deleted by itself.

    https://learn.microsoft.com/azure/data-factory/continuous-integration-delivery (stop triggers before a deployment)
    """
    if (
        change.is_type(f"{FACTORY}/triggers")
        and change.old
        and change.old.value("properties.runtimeState") == "Started"
    ):
        raise ArmError(400, "TriggerEnabledCannotUpdate", "Cannot update enabled Trigger; the trigger must be stopped.")


def nothing_nested_is_left(change: Change) -> None:
    """Projects and capability hosts are deleted before what they are in.

    https://learn.microsoft.com/azure/ai-foundry/how-to/create-projects
    https://learn.microsoft.com/azure/ai-foundry/agents/concepts/capability-hosts
    """
    nested = [each.id for each in change.azure.below(change.id) if is_type(each.id, *NESTED)]
    if change.is_type(ACCOUNT, f"{ACCOUNT}/projects") and nested:
        message = f"Some existing nested resource IDs include: '{nested[0]}'."
        raise ArmError(409, "CannotDeleteResource", f"Cannot delete resource while nested resources exist. {message}")


def no_lock_forbids_it(change: Change) -> None:
    """https://learn.microsoft.com/azure/azure-resource-manager/management/lock-resources"""
    for lock in change.others("Microsoft.Authorization/locks"):
        scope = scope_of(lock.id).lower()
        if f"{change.id.lower()}/".startswith(f"{scope}/") or f"{scope}/".startswith(f"{change.id.lower()}/"):
            message = f"The scope '{change.id}' cannot perform delete operation because of a lock at '{scope}'."
            raise ArmError(409, "ScopeLocked", f"{message} Please remove the lock and try again.")


def may_delete_secrets(change: Change) -> None:
    """A secret is deleted through the vault itself, with a data role: Owner does not have one.

    https://learn.microsoft.com/azure/key-vault/general/rbac-guide
    """
    if change.is_type("Microsoft.KeyVault/vaults/secrets") and not has_secret_role(change):
        raise ArmError(403, "Forbidden", "Caller is not authorized to perform action on resource: secrets/delete.")


def has_secret_role(change: Change) -> bool:
    """Whether the deployer has one of the roles that may delete a secret, at the vault or above it."""
    for each in change.azure.of_type("Microsoft.Authorization/roleAssignments"):
        role = re.sub(".*/", "", str(each.value("properties.roleDefinitionId"))).lower()
        in_scope = change.id.lower().startswith(scope_of(each.id).lower())
        if role in SECRET_ROLES and in_scope and each.value("properties.principalId") == change.azure.deployer:
            return True
    return False
