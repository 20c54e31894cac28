"""Resource Manager's requests for single resources, as the documentation of asynchronous operations has them."""

import time

from tests.azure_fakes.arm_requests import (
    BODIES,
    FACTORY,
    GROUP,
    PASSWORD,
    SECRET,
    SERVER,
    STORAGE,
    VAULT,
    ArmRequests,
    changed,
    code,
)
from tests.azure_fakes.azure import Azure
from tests.azure_fakes.cloud import Response


def operation_of(arm: ArmRequests, answer: Response) -> str:
    """The state of the operation that an answer started."""
    url = answer.headers["Azure-AsyncOperation"]
    return str(arm.send("GET", url.partition("management.azure.com")[2].partition("?")[0]).body["status"])


def test_a_resource_is_created_read_changed_and_deleted() -> None:
    arm = ArmRequests()
    assert arm.put(GROUP).status == 201
    assert code(arm.send("PATCH", STORAGE, {})) == "ResourceNotFound"
    assert arm.put(STORAGE).status == 201
    found = arm.send("GET", STORAGE.upper().replace("/SUBSCRIPTIONS", "/subscriptions")).body
    assert (found["id"], found["name"], found["type"]) == (STORAGE, "stlake", "Microsoft.Storage/storageAccounts")
    assert found["properties"]["primaryEndpoints"]["blob"] == "https://stlake.blob.core.windows.net/"
    assert arm.send("PATCH", STORAGE, {"tags": {"a": "b"}}).status == 200
    patched = arm.send("GET", STORAGE).body
    assert (patched["tags"], patched["sku"]) == ({"a": "b"}, {"name": "Standard_LRS", "tier": "Standard"})
    assert arm.send("DELETE", STORAGE).status == 200
    assert arm.send("DELETE", STORAGE).status == 204
    assert code(arm.send("GET", STORAGE)) == "ResourceNotFound"


def test_a_long_operation_is_polled_and_its_resource_says_that_it_runs() -> None:
    arm = ArmRequests(Azure(operation_seconds=0.2))
    arm.put(GROUP)
    time.sleep(0.25)
    answer = arm.put(STORAGE)
    assert answer.status == 201 and operation_of(arm, answer) == "InProgress"
    assert arm.send("GET", STORAGE).body["properties"]["provisioningState"] == "Creating"
    time.sleep(0.25)
    assert operation_of(arm, answer) == "Succeeded"
    assert arm.send("GET", STORAGE).body["properties"]["provisioningState"] == "Succeeded"
    arm.put(STORAGE)
    assert arm.send("GET", STORAGE).body["properties"]["provisioningState"] == "Updating"
    time.sleep(0.25)
    assert arm.send("DELETE", STORAGE).status == 202
    assert arm.send("GET", STORAGE).body["properties"]["provisioningState"] == "Deleting"
    time.sleep(0.25)
    assert arm.send("GET", STORAGE).status == 404


def test_a_group_takes_everything_with_it_and_keeps_what_is_soft_deleted() -> None:
    arm = ArmRequests()
    arm.make(STORAGE, VAULT, SECRET)
    assert arm.send("DELETE", GROUP).status == 200
    assert not arm.azure.resources and list(arm.azure.deleted) == [VAULT.lower()]
    arm.azure.purge(VAULT)
    assert not arm.azure.deleted


def test_what_azure_assigned_stays_with_the_resource() -> None:
    arm = ArmRequests()
    arm.make(FACTORY)
    identity = arm.send("GET", FACTORY).body["identity"]["principalId"]
    assert identity in arm.azure.principals
    arm.put(FACTORY, changed(BODIES[FACTORY], tags={"a": "b"}))
    assert arm.send("GET", FACTORY).body["identity"]["principalId"] == identity


def test_no_password_and_no_secret_is_ever_returned() -> None:
    arm = ArmRequests()
    arm.make(SERVER, VAULT, SECRET)
    assert PASSWORD not in str([arm.send("GET", path).body for path in (SERVER, SECRET)])


def test_a_half_made_resource_stands_although_azure_answered_with_an_error() -> None:
    arm = ArmRequests(Azure(half_made=["storageAccounts/stlake$"]))
    arm.make()
    assert code(arm.put(STORAGE)) == "StorageAccountOperationInProgress"
    assert arm.send("GET", STORAGE).status == 200
    assert arm.put(STORAGE).status == 200


def test_a_template_brings_its_resources_and_its_deployment_leaves_them() -> None:
    arm = ArmRequests()
    arm.make(FACTORY)
    deployment = f"{GROUP}/providers/Microsoft.Resources/deployments/network"
    network = {
        "type": "Microsoft.DataFactory/factories/managedVirtualNetworks",
        "apiVersion": "2018-06-01",
        "name": "adf-lake/default",
        "properties": {},
    }
    template = {"properties": {"mode": "Incremental", "template": {"resources": [network]}}}
    assert arm.put(deployment, template).status == 201
    arm.send("DELETE", deployment)
    assert arm.send("GET", f"{FACTORY}/managedVirtualNetworks/default").status == 200
    network["name"] = "another/default"
    assert code(arm.put(deployment, template)) == "ParentResourceNotFound"


def test_a_secret_is_not_deleted_through_resource_manager() -> None:
    arm = ArmRequests()
    arm.make(VAULT, SECRET)
    assert code(arm.send("DELETE", SECRET)) == "DisallowedResourceOperation"
