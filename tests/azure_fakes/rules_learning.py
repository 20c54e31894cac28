"""Rules of Azure Machine Learning: what a workspace may be made of, and which clusters Azure has."""

from typing import Any

from tests.azure_fakes.azure import ArmError, value_at
from tests.azure_fakes.change import Change

WORKSPACE = "Microsoft.MachineLearningServices/workspaces"
PARTS = ("storageAccount", "keyVault", "applicationInsights", "containerRegistry")


def parts_of_a_workspace_exist(change: Change) -> None:
    """A workspace is made of what exists: https://learn.microsoft.com/azure/machine-learning/how-to-manage-workspace"""
    if not change.is_type(WORKSPACE):
        return
    for part in PARTS:
        identity = change.given(f"properties.{part}")
        if identity and not change.azure.find(identity):
            raise ArmError(400, "ValidationError", f"Missing dependent resources in workspace json: {part}")


def account_is_lawful(change: Change) -> None:
    """The account has no hierarchical namespace; without keys it needs the mode Identity.

    https://learn.microsoft.com/azure/machine-learning/how-to-manage-workspace
    https://learn.microsoft.com/azure/machine-learning/how-to-disable-local-auth-storage
    """
    account = change.azure.find(str(change.given("properties.storageAccount"))) if change.is_type(WORKSPACE) else None
    if account is None:
        return
    if value_at(account.body, "properties.isHnsEnabled"):
        raise ArmError(400, "ValidationError", "The storage account has hierarchical namespace enabled.")
    has_keys = value_at(account.body, "properties.allowSharedKeyAccess") is not False
    if not has_keys and change.given("properties.systemDatastoresAuthMode") != "Identity":
        raise ArmError(403, "KeyBasedAuthenticationNotPermitted", "Key based authentication is not permitted.")


def cluster_is_what_azure_offers(change: Change) -> None:
    """A cluster has a size that the region offers for clusters, and identities that exist.

    https://learn.microsoft.com/azure/machine-learning/how-to-create-attach-compute-cluster
    """
    if not change.is_type(f"{WORKSPACE}/computes"):
        return
    size = str(change.given("properties.properties.vmSize"))
    offered = find_size(change, size)
    if offered is None or "AmlCompute" not in offered["supportedComputeTypes"]:
        raise ArmError(400, "BadRequest", f"The specified vmSize '{size}' is not supported in this region.")
    for identity in change.given("identity.userAssignedIdentities") or {}:
        if change.azure.find(identity) is None:
            raise ArmError(400, "InvalidIdentity", f"The identity '{identity}' was not found.")


def find_size(change: Change, name: str) -> dict[str, Any] | None:
    return next((each for each in change.azure.vm_sizes if each["name"].lower() == name.lower()), None)
