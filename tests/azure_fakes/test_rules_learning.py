"""Azure Machine Learning's rules: what a workspace is made of, what a cluster may be, and soft delete."""

import pytest

from tests.azure_fakes.arm_requests import GROUP, LOCATION, STORAGE, VAULT, ArmRequests, changed, code, in_group

WORKSPACE = in_group("Microsoft.MachineLearningServices/workspaces/mlw-lake")
CLUSTER, IDENTITY = f"{WORKSPACE}/computes/train", in_group("Microsoft.ManagedIdentity/userAssignedIdentities/id-lake")
BODY = {
    **LOCATION,
    "identity": {"type": "SystemAssigned"},
    "properties": {"storageAccount": STORAGE, "keyVault": VAULT},
}
SIZE = {"vmSize": "Standard_DS3_v2", "vmPriority": "Dedicated"}
CLUSTER_BODY = {
    **LOCATION,
    "identity": {"type": "UserAssigned", "userAssignedIdentities": {IDENTITY: {}}},
    "properties": {"computeType": "AmlCompute", "properties": SIZE},
}


@pytest.fixture
def arm() -> ArmRequests:
    """A group with an account, a vault and an identity."""
    requests = ArmRequests()
    requests.make(STORAGE, VAULT)
    assert requests.put(IDENTITY, LOCATION).status == 201
    return requests


def test_a_workspace_is_made_of_what_exists(arm: ArmRequests) -> None:
    other = changed(BODY, properties__storageAccount=f"{STORAGE}x")
    assert code(arm.put(WORKSPACE, other)) == "ValidationError"
    assert arm.put(WORKSPACE, BODY).status == 201
    assert code(arm.put(WORKSPACE, changed(BODY, properties__keyVault=f"{VAULT}x"))) == "BadRequest"


def test_the_account_has_no_hierarchy_and_without_keys_the_mode_is_identity(arm: ArmRequests) -> None:
    account = arm.azure.find(STORAGE)
    assert account
    account.body = {**account.body, "properties": {"isHnsEnabled": True}}
    assert code(arm.put(WORKSPACE, BODY)) == "ValidationError"
    account.body = {**account.body, "properties": {"allowSharedKeyAccess": False}}
    assert code(arm.put(WORKSPACE, BODY)) == "KeyBasedAuthenticationNotPermitted"
    assert arm.put(WORKSPACE, changed(BODY, properties__systemDatastoresAuthMode="Identity")).status == 201


def test_a_cluster_has_a_size_that_is_offered_and_keeps_it(arm: ArmRequests) -> None:
    arm.put(WORKSPACE, BODY)
    unknown = changed(CLUSTER_BODY, properties__properties__vmSize="Standard_NC6s_v3")
    assert code(arm.put(CLUSTER, unknown)) == "BadRequest"
    stranger = changed(CLUSTER_BODY, identity__userAssignedIdentities={f"{IDENTITY}x": {}})
    assert code(arm.put(CLUSTER, stranger)) == "InvalidIdentity"
    assert arm.put(CLUSTER, CLUSTER_BODY).status == 201
    other = changed(CLUSTER_BODY, properties__properties__vmSize="Standard_DS2_v2")
    assert code(arm.put(CLUSTER, other)) == "ComputeNotUpdatable"


def test_a_deleted_workspace_keeps_its_name_until_it_is_purged(arm: ArmRequests) -> None:
    arm.put(WORKSPACE, BODY)
    assert arm.send("DELETE", WORKSPACE).status == 200
    refused = arm.put(WORKSPACE, BODY)
    assert refused.status == 400 and "Soft-deleted workspace exists" in refused.body["error"]["message"]
    assert arm.send("DELETE", WORKSPACE, query={"forceToPurge": "true"}).status == 204
    assert arm.put(WORKSPACE, BODY).status == 201


def test_a_workspace_that_is_deleted_for_good_keeps_nothing(arm: ArmRequests) -> None:
    arm.put(WORKSPACE, BODY)
    arm.send("DELETE", WORKSPACE, query={"forceToPurge": "true"})
    assert arm.azure.deleted == {}
    assert arm.put(WORKSPACE, BODY).status == 201


def test_without_its_group_a_deleted_workspace_is_not_found(arm: ArmRequests) -> None:
    arm.put(WORKSPACE, BODY)
    arm.send("DELETE", GROUP)
    assert code(arm.send("DELETE", WORKSPACE, query={"forceToPurge": "true"})) == "ResourceGroupNotFound"
    assert WORKSPACE.lower() in arm.azure.deleted
