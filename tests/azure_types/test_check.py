"""The check against Azure's types finds planted faults, and nothing else."""

from typing import Any

import pytest

from tests.azure_types.body import arm_body
from tests.azure_types.check import violations
from tests.azure_types.reduce import reduce_types

REMOVED = object()
ACCOUNT = {
    "accountName": "lake",
    "resourceGroupName": "rg",
    "location": "swedencentral",
    "kind": "StorageV2",
    "sku": {"name": "Standard_LRS"},
    "isHnsEnabled": True,
    "minimumTlsVersion": "TLS1_2",
}


def faults(**changes: Any) -> list[str]:
    """Return the violations of the account with some inputs changed."""
    inputs = {key: value for key, value in {**ACCOUNT, **changes}.items() if value is not REMOVED}
    return violations("storage:StorageAccount", "lake", inputs)


def test_a_valid_account_has_no_violation() -> None:
    assert faults() == []


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"kind": REMOVED}, "storage:StorageAccount lake.kind: required, but missing"),
        ({"sku": {"name": "Standard"}}, "lake.sku.name: 'Standard' is not one of"),
        ({"sku": {"name": "Standard_LRS", "size": 1}}, "lake.sku.size: no such property"),
        ({"sku": {"name": "Standard_LRS", "tier": "Standard"}}, "lake.sku.tier: read-only"),
        ({"sku": "Standard_LRS"}, "lake.sku: 'Standard_LRS' is not an object"),
        ({"isHnsEnabled": "yes"}, "lake.properties.isHnsEnabled: 'yes' is not a boolean"),
        ({"location": 7}, "lake.location: 7 is not a string"),
        ({"networkAcls": {"defaultAction": "Deny", "ipRules": "1"}}, "networkAcls.ipRules: '1' is not an array"),
        ({"tags": {"stack": 1}}, "lake.tags.stack: 1 is not a string"),
        ({"publicAccess": "None"}, "lake.publicAccess: no such property"),
    ],
)
def test_a_planted_fault_is_found(changes: dict[str, Any], message: str) -> None:
    (fault,) = faults(**changes)
    assert message in fault


def test_the_body_has_properties_again_and_no_address() -> None:
    body = arm_body("storage:StorageAccount", ACCOUNT)
    assert body == {
        "location": "swedencentral",
        "kind": "StorageV2",
        "sku": {"name": "Standard_LRS"},
        "properties": {"isHnsEnabled": True, "minimumTlsVersion": "TLS1_2"},
    }


def test_type_properties_are_restored_at_every_depth() -> None:
    copy = {"name": "c", "type": "Copy", "source": {"type": "BinarySource"}, "sink": {"type": "BinarySink"}}
    loop = {"name": "f", "type": "ForEach", "items": {"type": "Expression", "value": "@x"}, "activities": [copy]}
    body = arm_body("datafactory:Pipeline", {"factoryName": "adf", "pipelineName": "p", "activities": [loop]})
    (activity,) = body["properties"]["activities"]
    assert set(activity) == {"name", "type", "typeProperties"}
    (inner,) = activity["typeProperties"]["activities"]
    assert inner["typeProperties"] == {"source": copy["source"], "sink": copy["sink"]}


def test_reduced_types_are_those_that_a_resource_refers_to() -> None:
    types: list[dict[str, Any]] = [
        {"$type": "StringType"},
        {"$type": "BooleanType"},
        {"$type": "UnionType", "elements": [{"$ref": "#/0"}]},
        {"$type": "ObjectType", "properties": {"description": {"type": {"$ref": "#/2"}, "description": "long"}}},
        {"$type": "ResourceType", "name": "Microsoft.X/y@2026-01-01", "body": {"$ref": "#/3"}},
        {"$type": "ResourceType", "name": "Microsoft.X/z@2026-01-01", "body": {"$ref": "#/1"}},
    ]
    reduced = reduce_types(types, ["Microsoft.X/y@2026-01-01"])
    assert reduced["resources"] == {"Microsoft.X/y@2026-01-01": 3}
    assert reduced["types"].keys() == {0, 2, 3}
    assert reduced["types"][3]["properties"] == {"description": {"type": {"$ref": "#/2"}}}


def test_assigned_identities_are_a_map_and_names_are_spelt_as_azure_does() -> None:
    identity = {"type": "UserAssigned", "userAssignedIdentities": ["/id"]}
    body = arm_body("machinelearningservices:Compute", {"computeName": "c", "workspaceName": "w", "identity": identity})
    assert body == {"identity": {"type": "UserAssigned", "userAssignedIdentities": {"/id": {}}}}
    insights = {"resourceName": "i", "kind": "web", "applicationType": "web", "workspaceResourceId": "/w"}
    body = arm_body("applicationinsights:Component", insights)
    assert body == {"kind": "web", "properties": {"Application_Type": "web", "WorkspaceResourceId": "/w"}}
