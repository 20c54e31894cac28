"""Machine learning: nothing of it by default; with it no keys, no administrator, and a cluster that sleeps."""

from typing import Any

import pytest

from infra import sizes
from tests.infra.configuration import load
from tests.infra.recorder import Program, run_program

ON = {"machineLearning": True, "mlLocation": "koreacentral", "nameSuffix": "x1"}
OUTPUTS = ("workspace", "location", "compute", "compute_size", "identity_id", "identity_client_id")


@pytest.fixture(scope="module")
def program() -> Program:
    return run_program(ON)


def test_by_default_nothing_of_it_exists_and_the_outputs_are_empty() -> None:
    program = run_program()
    assert not [each.name for each in program.registered if "ml" in each.name.split("-")]
    assert not [each.urn for each in program.registered if "machinelearning" in each.token.lower()]
    assert [program.outputs[f"ml_{name}"] for name in OUTPUTS] == [""] * 6
    assert program.outputs["finetune_runner"] == "none"


def test_the_outputs_name_what_the_jobs_use(program: Program) -> None:
    assert {name: program.outputs[f"ml_{name}"] for name in OUTPUTS} == {
        "workspace": "mlw-fer-x1",
        "location": "koreacentral",
        "compute": "train",
        "compute_size": "Standard_DS3_v2",
        "identity_id": "/subscriptions/s/UserAssignedIdentity/mlw-fer-x1-identity",
        "identity_client_id": "client-of-mlw-fer-x1-identity",
    }
    assert program.outputs["finetune_runner"] == "azure_ml"


def test_everything_is_in_its_own_region(program: Program) -> None:
    own = [each for each in program.registered if each.name.startswith("ml-")]
    assert len(own) == 7
    assert {each.inputs["location"] for each in own} == {"koreacentral"}
    assert run_program({"machineLearning": True, "aiLocation": "koreacentral"}).outputs["ml_location"] == "koreacentral"


def test_the_workspace_has_an_identity_and_the_stacks_vault_and_no_keys(program: Program) -> None:
    workspace, account = program.named("ml-workspace").inputs, program.named("ml-account").inputs
    assert workspace["identity"] == {"type": "SystemAssigned"}
    assert workspace["systemDatastoresAuthMode"] == "Identity"
    assert workspace["keyVault"] == "/subscriptions/s/Vault/kv-fer-x1"
    assert workspace["storageAccount"] == "/subscriptions/s/StorageAccount/stfermlx1"
    assert workspace["containerRegistry"] == "/subscriptions/s/Registry/crferx1"
    assert workspace["applicationInsights"] == "/subscriptions/s/Component/mlw-fer-x1-insights"
    assert (account["allowSharedKeyAccess"], account["minimumTlsVersion"]) == (False, "TLS1_2")
    assert account["allowBlobPublicAccess"] is False and "isHnsEnabled" not in account
    assert program.named("ml-insights").inputs["workspaceResourceId"] == "/subscriptions/s/Workspace/mlw-fer-x1-logs"


def test_the_registry_has_no_administrator(program: Program) -> None:
    registry = program.only("Registry").inputs
    assert (registry["adminUserEnabled"], registry["sku"]) == (False, {"name": "Basic"})


@pytest.mark.parametrize("priority", ["Dedicated", "LowPriority"])
def test_the_cluster_sleeps_and_runs_as_the_identity(priority: str) -> None:
    program = run_program({**ON, "mlComputeSize": "Standard_NC24ads_A100_v4", "mlPriority": priority})
    cluster = program.only("Compute")
    assert cluster.inputs["identity"] == {
        "type": "UserAssigned",
        "userAssignedIdentities": ["/subscriptions/s/UserAssignedIdentity/mlw-fer-x1-identity"],
    }
    assert cluster.inputs["properties"] == {
        "computeType": "AmlCompute",
        "disableLocalAuth": True,
        "properties": {
            "osType": "Linux",
            "vmSize": "Standard_NC24ads_A100_v4",
            "vmPriority": priority,
            "remoteLoginPortPublicAccess": "Disabled",
            "enableNodePublicIp": True,
            "scaleSettings": {"minNodeCount": 0, "maxNodeCount": 1, "nodeIdleTimeBeforeScaleDown": "PT120S"},
        },
    }
    assert {"properties.properties.vmSize", "properties.properties.vmPriority"} <= cluster.replace_on
    assert cluster.deleted_with == program.named("ml-workspace").urn


def test_nothing_of_it_has_a_role_on_the_group(program: Program) -> None:
    for each in program.every("RoleAssignment"):
        assert not each.inputs["scope"].endswith("/ResourceGroup/rg-vector-lake"), each.name


def test_with_diagnostics_workspace_registry_and_account_send_their_logs() -> None:
    program = run_program({**ON, "diagnostics": True})
    sending = {each.inputs["resourceUri"] for each in program.every("DiagnosticSetting")}
    assert {
        "/subscriptions/s/Workspace/mlw-fer-x1",
        "/subscriptions/s/Registry/crferx1",
        "/subscriptions/s/StorageAccount/stfermlx1/blobServices/default",
    } <= sending


@pytest.mark.parametrize(
    "size",
    ["Standard_DS3_v2", "Standard_NC24ads_A100_v4", "Standard_NC4as_T4_v3", "Standard_ND96isr_H100_v5", "Standard_F4s"],
)
def test_a_living_size_is_accepted(size: str) -> None:
    assert load({"mlComputeSize": size}).ml_compute_size == size
    assert sizes.find_retirement(size) == ""


@pytest.mark.parametrize("size", ["NC6", "NC6s_v2", "NC6s_v3", "NC24rs_v3", "ND40rs_v2", "NV12s_v3", "NV8as_v4"])
def test_a_retired_size_names_a_living_one(size: str) -> None:
    reason = sizes.find_retirement(f"Standard_{size}")
    living = [word for word in reason.replace(",", " ").split() if word.startswith("Standard_")]
    assert living and not [each for each in living if sizes.find_retirement(each)]
    assert reason in load_error({"mlComputeSize": f"Standard_{size}"})


def load_error(settings: dict[str, Any]) -> str:
    """Return what the settings are refused with."""
    with pytest.raises(Exception, match="vector-lake:") as error:
        load(settings)
    return str(error.value)
