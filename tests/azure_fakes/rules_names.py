"""Rules of names: which are lawful, which are taken by others, and which a soft-deleted resource still holds.

https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules
"""

import re

from tests.azure_fakes.arm_ids import type_of
from tests.azure_fakes.azure import ArmError
from tests.azure_fakes.change import Change

VAULT, SECRET, ACCOUNT = (
    "Microsoft.KeyVault/vaults",
    "Microsoft.KeyVault/vaults/secrets",
    ("Microsoft.CognitiveServices/accounts"),
)
WORKSPACE, REGISTRY = "Microsoft.MachineLearningServices/workspaces", "Microsoft.ContainerRegistry/registries"
GLOBAL = (
    "Microsoft.Storage/storageAccounts",
    VAULT,
    "Microsoft.DBforPostgreSQL/flexibleServers",
    "Microsoft.DataFactory/factories",
    "Microsoft.Search/searchServices",
    REGISTRY,
)
HYPHENATED = r"(?=.{{{},{}}}$)[a-z0-9](-?[a-z0-9])*"
DOCUMENT = r"\w[^<>*#.%&:\\+?/-]{0,259}"
FOUNDRY = r"[A-Za-z0-9][A-Za-z0-9_.-]{1,63}"
LAWFUL = {
    "Microsoft.Resources/resourceGroups": (r"[-\w.()]{0,89}[-\w()]", "InvalidResourceGroup"),
    "Microsoft.Storage/storageAccounts": (r"[a-z0-9]{3,24}", "AccountNameInvalid"),
    "Microsoft.Storage/storageAccounts/blobServices/containers": (HYPHENATED.format(3, 63), "InvalidResourceName"),
    VAULT: (r"(?=.{3,24}$)[A-Za-z](-?[A-Za-z0-9])*", "VaultNameNotValid"),
    SECRET: (r"[0-9A-Za-z-]{1,127}", "BadParameter"),
    "Microsoft.DBforPostgreSQL/flexibleServers": (HYPHENATED.format(3, 63), "InvalidServerName"),
    "Microsoft.DBforPostgreSQL/flexibleServers/databases": (
        r"(?!azure_)[A-Za-z_][A-Za-z0-9_-]{0,62}",
        "InvalidDatabaseName",
    ),
    "Microsoft.DBforPostgreSQL/flexibleServers/firewallRules": (r"[A-Za-z0-9_-]{1,128}", "InvalidResourceName"),
    "Microsoft.DataFactory/factories": (r"(?=.{3,63}$)[A-Za-z0-9](-?[A-Za-z0-9])*", "InvalidFactoryName"),
    "Microsoft.DataFactory/factories/linkedservices": (DOCUMENT, "BadRequest"),
    "Microsoft.DataFactory/factories/datasets": (DOCUMENT, "BadRequest"),
    "Microsoft.DataFactory/factories/pipelines": (r"\w[^<>*#.%&:\\+?/]{0,139}", "BadRequest"),
    ACCOUNT: (FOUNDRY, "InvalidResourceName"),
    f"{ACCOUNT}/projects": (FOUNDRY, "InvalidResourceName"),
    f"{ACCOUNT}/deployments": (FOUNDRY, "InvalidResourceName"),
    "Microsoft.Search/searchServices": (HYPHENATED.format(2, 60), "InvalidResourceName"),
    WORKSPACE: (r"[A-Za-z0-9][A-Za-z0-9_-]{2,32}", "InvalidWorkspaceName"),
    f"{WORKSPACE}/computes": (r"[A-Za-z](?![A-Za-z0-9-]*-\d+$)[A-Za-z0-9-]{2,23}", "InvalidComputeName"),
    f"{WORKSPACE}/onlineEndpoints": (r"[A-Za-z](?=.{2,31}$)(-?[A-Za-z0-9])*", "InvalidEndpointName"),
    REGISTRY: (r"[A-Za-z0-9]{5,50}", "InvalidRegistryName"),
    "Microsoft.ManagedIdentity/userAssignedIdentities": (r"[A-Za-z0-9][A-Za-z0-9_-]{2,127}", "InvalidResourceName"),
    "Microsoft.Authorization/roleAssignments": (r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", "InvalidRoleId"),
    "Microsoft.Consumption/budgets": (r"[A-Za-z0-9_-]{1,63}", "400"),
}
PATTERNS = {kind.lower(): rule for kind, rule in LAWFUL.items()}


def lawful_name(change: Change) -> None:
    """A name has the characters and the length that its type allows."""
    pattern, code = PATTERNS.get(change.kind.lower(), (".+", "InvalidResourceName"))
    if not re.fullmatch(pattern, change.name):
        raise ArmError(400, code, f"'{change.name}' is not a valid name for {change.kind}")


def free_name(change: Change) -> None:
    """Some names are shared by all customers of Azure: https://learn.microsoft.com/azure/storage/common/storage-account-overview

    `unavailable` of the played Azure are the names of other customers.
    """
    if not change.is_type(*GLOBAL) or change.old:
        return
    taken = {each.name.lower() for each in change.others(change.kind)} | change.azure.unavailable
    if change.name.lower() in taken:
        code = "StorageAccountAlreadyTaken" if "Storage" in change.kind else "NameAlreadyExists"
        raise ArmError(409, code, f"The name '{change.name}' is already taken.")


def free_subdomain(change: Change) -> None:
    """An AI account's subdomain is unique. A soft-deleted account holds its own, except for itself.

    https://learn.microsoft.com/azure/ai-services/cognitive-services-custom-subdomains
    """
    wanted = change.given("properties.customSubDomainName")
    if not change.is_type(ACCOUNT) or not wanted:
        return
    deleted = [each for key, each in change.azure.deleted.items() if key != change.id.lower()]
    taken = {each.value("properties.customSubDomainName") for each in (*change.others(ACCOUNT), *deleted)}
    if wanted in taken | change.azure.unavailable:
        raise ArmError(
            409, "CustomDomainInUse", f"Please pick a different name. The subdomain name '{wanted}' is used."
        )


def name_of_a_deleted_vault(change: Change) -> None:
    """https://learn.microsoft.com/azure/key-vault/general/soft-delete-overview"""
    names = {each.name.lower() for each in change.azure.deleted.values() if type_of(each.id) == VAULT}
    recovers = change.given("properties.createMode") == "recover"
    if change.is_type(VAULT) and change.name.lower() in names and not recovers:
        message = f"A vault with the same name '{change.name}' already exists in deleted state. Recover or purge it."
        raise ArmError(409, "ConflictError", message)


def name_of_a_deleted_workspace(change: Change) -> None:
    """Azure keeps a deleted workspace, and its name, for 14 days.

    https://learn.microsoft.com/azure/machine-learning/concept-soft-delete,
    https://github.com/Azure/azure-cli/issues/33756
    """
    if change.is_type(WORKSPACE) and change.id.lower() in change.azure.deleted:
        raise ArmError(400, "BadRequest", "Soft-deleted workspace exists. Please purge or recover it.")


def name_of_a_deleted_secret(change: Change) -> None:
    """A vault with soft delete, which all have since 2025, keeps the name of a deleted secret until it is purged.

    https://learn.microsoft.com/azure/key-vault/general/soft-delete-change
    """
    if change.is_type(SECRET) and change.id.lower() in change.azure.deleted_secrets:
        message = (
            f"Secret {change.name} is currently in a deleted but recoverable state, and its name cannot be reused; in "
            "this state, the secret can only be recovered or purged."
        )
        raise ArmError(409, "Conflict", message)


def name_of_a_deleted_account(change: Change) -> None:
    """https://learn.microsoft.com/azure/ai-services/recover-purge-resources"""
    deleted = change.azure.deleted.get(change.id.lower())
    if change.is_type(ACCOUNT) and deleted and change.given("properties.restore") is not True:
        message = (
            f"An existing resource with ID '{change.id}' has been soft-deleted. To restore the resource, you must "
            "specify 'restore' to be 'true' in the property. If you don't want to restore existing resource, please "
            "purge it first."
        )
        raise ArmError(409, "FlagMustBeSetForRestore", message)
