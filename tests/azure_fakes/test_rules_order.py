"""Each rule of order: what must exist, be ready, or be gone."""

import time
from typing import Any

from tests.azure_fakes.arm_requests import (
    ACCOUNT,
    CHAT,
    FACTORY,
    GROUP,
    PROJECT,
    SERVER,
    STORAGE,
    ArmRequests,
    code,
    in_group,
)
from tests.azure_fakes.azure import Azure

RULE = f"{SERVER}/firewallRules/allow"
ADDRESSES = {"properties": {"startIpAddress": "203.0.113.7", "endIpAddress": "203.0.113.7"}}
LINK, DATASET, TRIGGER = f"{FACTORY}/linkedservices/LS", f"{FACTORY}/datasets/DS", f"{FACTORY}/triggers/TR"
VAULT_LINK = {"properties": {"type": "AzureKeyVault", "typeProperties": {"baseUrl": "https://kv.vault.azure.net/"}}}


def dataset() -> dict[str, Any]:
    reference = {"referenceName": "LS", "type": "LinkedServiceReference"}
    return {"properties": {"type": "Binary", "linkedServiceName": reference}}


def test_the_parent_must_exist() -> None:
    arm = ArmRequests()
    assert code(arm.put(STORAGE)) == "ResourceGroupNotFound"
    arm.make()
    assert code(arm.put(RULE, ADDRESSES)) == "ParentResourceNotFound"


def test_a_server_an_account_and_a_storage_account_do_one_thing_at_a_time() -> None:
    arm = ArmRequests(Azure(operation_seconds=0.3))
    arm.make()
    time.sleep(0.35)
    arm.make(SERVER, ACCOUNT, STORAGE)
    time.sleep(0.35)
    container = f"{STORAGE}/blobServices/default/containers/raw"
    assert [arm.put(RULE, ADDRESSES).status, arm.put(PROJECT).status, arm.put(STORAGE).status] == [201, 201, 200]
    assert code(arm.put(f"{RULE}-2", ADDRESSES)) == "ServerIsBusy"
    assert code(arm.put(CHAT)) == "RequestConflict"
    assert code(arm.put(container, {"properties": {}})) == "StorageAccountOperationInProgress"
    time.sleep(0.35)
    assert arm.put(f"{RULE}-2", ADDRESSES).status == 201


def test_an_account_refuses_its_first_project_until_it_has_settled() -> None:
    arm = ArmRequests(Azure(settle_seconds=0.2))
    arm.make(ACCOUNT)
    answer = arm.put(PROJECT)
    assert "Parent account does not provision correctly" in answer.body["error"]["message"]
    time.sleep(0.25)
    assert arm.put(PROJECT).status == 201


def test_what_a_document_refers_to_must_exist_and_stays() -> None:
    arm = ArmRequests()
    arm.make(FACTORY)
    assert "linkedservices references entity" in arm.put(DATASET, dataset()).body["error"]["message"]
    assert arm.put(LINK, VAULT_LINK).status == 201
    assert arm.put(DATASET, dataset()).status == 201
    assert "referenced by DS" in arm.send("DELETE", LINK).body["error"]["message"]
    assert arm.send("DELETE", DATASET).status == 200
    assert arm.send("DELETE", LINK).status == 200


def test_a_started_trigger_is_neither_changed_nor_deleted_but_goes_with_its_factory() -> None:
    arm = ArmRequests()
    arm.make(FACTORY)
    recurrence = {"frequency": "Day", "interval": 1, "startTime": "2026-01-01T03:00:00Z", "timeZone": "UTC"}
    body = {"properties": {"type": "ScheduleTrigger", "typeProperties": {"recurrence": recurrence}}}
    assert arm.put(TRIGGER, body).status == 201
    trigger = arm.azure.find(TRIGGER)
    assert trigger and trigger.value("properties.runtimeState") == "Stopped"
    trigger.assigned["properties"]["runtimeState"] = "Started"
    assert code(arm.put(TRIGGER, body)) == "TriggerEnabledCannotUpdate"
    assert code(arm.send("DELETE", TRIGGER)) == "TriggerEnabledCannotUpdate"
    assert arm.send("DELETE", FACTORY).status == 200


def test_an_account_with_a_project_and_a_project_with_a_host_are_not_deleted() -> None:
    arm = ArmRequests()
    arm.make(ACCOUNT, PROJECT)
    arm.azure.put(f"{PROJECT}/capabilityHosts/agents", {"properties": {}})
    assert code(arm.send("DELETE", ACCOUNT)) == "CannotDeleteResource"
    assert code(arm.send("DELETE", PROJECT)) == "CannotDeleteResource"
    arm.send("DELETE", f"{PROJECT}/capabilityHosts/agents")
    arm.send("DELETE", PROJECT)
    assert arm.send("DELETE", ACCOUNT).status == 200


def test_a_lock_forbids_the_deletion_of_what_is_below_and_above_it() -> None:
    arm = ArmRequests()
    arm.make(STORAGE, FACTORY)
    lock = f"{STORAGE}/providers/Microsoft.Authorization/locks/keep"
    arm.azure.put(lock, {"properties": {"level": "CanNotDelete"}})
    assert [code(arm.send("DELETE", path)) for path in (STORAGE, GROUP)] == ["ScopeLocked", "ScopeLocked"]
    assert arm.send("DELETE", FACTORY).status == 200
    assert arm.send("DELETE", lock).status == 200
    assert arm.send("DELETE", in_group("Microsoft.Storage/storageAccounts/stlake")).status == 200
