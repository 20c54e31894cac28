"""The ID of every resource that the program makes, and what an ID says."""

import pytest

from jobs.recover.resource_ids import EXTENSIONS, GROUP, PATHS, ancestors, build_id, describe_id, short_type
from tests.infra.modes import MODES
from tests.infra.recorder import run_program

SUBSCRIPTION = "33333333-3333-3333-3333-333333333333"
RG = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg"
CONTAINER = f"{RG}/providers/Microsoft.Storage/storageAccounts/st/blobServices/default/containers/raw"
ROLE = f"{RG}/providers/Microsoft.KeyVault/vaults/kv/providers/Microsoft.Authorization/roleAssignments/r"


@pytest.mark.parametrize("mode", MODES)
def test_every_resource_of_the_program_has_an_id_from_its_inputs(mode: str) -> None:
    found = [each for each in run_program(MODES[mode]).registered if each.token.startswith("azure-native:")]
    ids = [build_id(each.token, each.inputs, SUBSCRIPTION) for each in found]
    assert all(ids) and len(set(ids)) == len(ids)
    for each in found:
        assert build_id(each.token, each.inputs, SUBSCRIPTION), each.token


def test_no_type_is_listed_that_the_program_does_not_make() -> None:
    made = {short_type(each.token) for mode in MODES.values() for each in run_program(mode).registered}
    assert {*PATHS, *EXTENSIONS, GROUP} <= made


def test_a_name_that_is_not_known_gives_no_id() -> None:
    inputs = {"accountName": "st", "containerName": "raw"}
    assert build_id("azure-native:storage:BlobContainer", inputs, SUBSCRIPTION) is None
    assert (
        build_id("azure-native:storage:BlobContainer", inputs | {"resourceGroupName": "rg"}, SUBSCRIPTION) == CONTAINER
    )
    assert build_id("random:index/randomPassword:RandomPassword", {}, SUBSCRIPTION) is None
    assert short_type("azure-native:storage/v20240101:BlobContainer") == "storage:BlobContainer"


@pytest.mark.parametrize(
    ("resource_id", "above"),
    [
        (RG, []),
        (CONTAINER, [CONTAINER.partition("/blobServices")[0], RG]),
        (ROLE, [ROLE.partition("/providers/Microsoft.Authorization")[0], RG]),
    ],
)
def test_what_a_resource_is_in(resource_id: str, above: list[str]) -> None:
    assert list(ancestors(resource_id)) == [each.lower() for each in above]


def test_a_resource_is_named_as_azure_names_it() -> None:
    assert describe_id(RG) == "Microsoft.Resources/resourceGroups rg"
    assert describe_id(CONTAINER) == "Microsoft.Storage/storageAccounts/blobServices/containers st/default/raw"
    assert describe_id(ROLE) == "Microsoft.Authorization/roleAssignments r"
