"""Inputs to request bodies, answers to outputs, and what an answer changes in the inputs."""

import pytest

from tests.azure_types.resources import VERSIONS
from tests.engine.addresses import API_VERSIONS, PATHS, path_inputs, resource_id
from tests.engine.bodies import UNKNOWN, outputs, preview_outputs, request_body
from tests.engine.drift import changed_inputs

ACCOUNT = {
    "accountName": "lake",
    "resourceGroupName": "rg",
    "location": "swedencentral",
    "kind": "StorageV2",
    "sku": {"name": "Standard_LRS"},
    "minimumTlsVersion": "TLS1_2",
    "azureApiVersion": "2024-01-01",
}
COPY = {"name": "copy", "type": "Copy", "source": {"type": "BinarySource"}, "sink": {"type": "BinarySink"}}


def test_every_resource_of_the_program_has_a_path() -> None:
    assert PATHS.keys() == API_VERSIONS.keys() == {*VERSIONS, "resources:Deployment"}


@pytest.mark.parametrize("token", PATHS)
def test_the_outputs_of_every_resource_are_those_of_its_class(token: str) -> None:
    inputs = dict.fromkeys(path_inputs(token), "x")
    assert resource_id(token, inputs).count("/x") >= len(inputs) - 1
    assert preview_outputs(token, {"name": "given"})["name"] == "given"


def test_an_id_has_the_names_of_the_path_or_begins_with_the_scope() -> None:
    container = {"resourceGroupName": "rg", "accountName": "lake", "containerName": "raw"}
    assert resource_id("storage:BlobContainer", container).endswith(
        "/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/lake/blobServices/default/containers/raw"
    )
    role = resource_id("authorization:RoleAssignment", {"scope": "/scope", "roleAssignmentName": "guid"})
    assert role == "/scope/providers/Microsoft.Authorization/roleAssignments/guid"


def test_a_body_has_properties_again_and_unknown_keys_are_dropped_and_named() -> None:
    body, dropped = request_body("storage:StorageAccount", {**ACCOUNT, "isHnsEnable": True})
    assert body["properties"] == {"minimumTlsVersion": "TLS1_2"}
    assert "azureApiVersion" not in body and dropped == [".isHnsEnable"]


def test_a_documents_raw_type_properties_are_dropped() -> None:
    activity = {"name": "copy", "type": "Copy", "typeProperties": {"source": {}}}
    _, dropped = request_body("datafactory:Pipeline", {"activities": [activity]})
    assert dropped == [".activities[0].typeProperties"]


def test_an_answer_is_flattened_as_the_class_is() -> None:
    body, _ = request_body("storage:StorageAccount", ACCOUNT)
    answer = {**body, "id": "/x", "name": "lake", "properties": {**body["properties"], "primaryLocation": "here"}}
    seen = outputs("storage:StorageAccount", answer, "2024-01-01")
    assert (seen["minimumTlsVersion"], seen["primaryLocation"]) == ("TLS1_2", "here")
    assert "properties" not in seen and "id" not in seen


def test_the_activities_of_a_pipeline_come_back_as_they_were_given() -> None:
    inputs = {"factoryName": "adf", "pipelineName": "p", "resourceGroupName": "rg", "activities": [COPY]}
    body, _ = request_body("datafactory:Pipeline", inputs)
    assert set(body["properties"]["activities"][0]) == {"name", "type", "typeProperties"}
    assert outputs("datafactory:Pipeline", body, "2018-06-01")["activities"] == [COPY]


def test_in_a_preview_everything_that_is_not_given_is_unknown() -> None:
    seen = preview_outputs("keyvault:Vault", {"location": "here", "properties": {"tenantId": "t"}})
    assert (seen["location"], seen["name"]) == ("here", UNKNOWN)
    assert (seen["properties"]["tenantId"], seen["properties"]["vaultUri"]) == ("t", UNKNOWN)


def test_what_changed_in_azure_changes_the_input_and_nothing_else() -> None:
    inputs = {"a": 1, "sku": {"name": "S"}, "password": "p", "tags": {"x": "y"}}
    recorded = {"a": 1, "sku": {"name": "S", "tier": "T"}, "tags": {"x": "y"}}
    live = {"a": 2, "sku": {"name": "M", "tier": "T"}, "new": 1}
    assert changed_inputs(inputs, recorded, live) == {"a": 2, "sku": {"name": "M"}, "password": "p"}
    assert changed_inputs(inputs, {}, {"a": 2}) == inputs
