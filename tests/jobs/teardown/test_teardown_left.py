"""teardown: resources of others stay, and what is left of the stack is reported."""

import json

import pytest

from jobs.teardown.record import RECORDS
from tests.azure_fakes.azure import ROOT
from tests.azure_fakes.resource_lists import put_resource
from tests.azure_fakes.soft_deleted import VAULTS, delete_vault
from tests.jobs.teardown.teardown_cli import GROUP, TAGS, TeardownStack


def test_resources_of_others_in_the_group_are_not_deleted(stack: TeardownStack) -> None:
    put_resource(stack.azure, "Microsoft.Compute/virtualMachines", "vm-of-ben", {"owner": "ben"}, GROUP)
    status, _, err = stack.run("--yes")
    assert status == 1 and "Microsoft.Compute/virtualMachines vm-of-ben" in err and "--others" in err
    assert not stack.destroys()
    assert stack.run("--yes", "--others")[0] == 0


@pytest.mark.parametrize("tags", [TAGS | {"stack": "prod"}, TAGS | {"project": "another"}])
def test_a_deleted_vault_of_another_stack_stays(stack: TeardownStack, tags: dict[str, str]) -> None:
    stack.azure.remove(f"{ROOT}/resourceGroups/{GROUP}/providers/{VAULTS}/kv-of-the-outputs")
    delete_vault(stack.azure, "kv-of-the-outputs", "swedencentral", GROUP, tags)
    assert stack.run("--yes")[0] == 0
    assert stack.soft_deleted.purged == ["ai-of-the-outputs"]


def test_a_deleted_vault_of_another_group_stays(stack: TeardownStack) -> None:
    stack.azure.remove(f"{ROOT}/resourceGroups/{GROUP}/providers/{VAULTS}/kv-of-the-outputs")
    stack.azure.deleted.pop(f"{ROOT}/resourceGroups/{GROUP}/providers/{VAULTS}/kv-of-the-outputs".lower())
    delete_vault(stack.azure, "kv-of-the-outputs", "swedencentral", f"{GROUP}-2", TAGS)
    assert stack.run("--yes")[0] == 0
    assert stack.soft_deleted.purged == ["ai-of-the-outputs"]


def test_a_vault_with_purge_protection_is_reported_and_costs_nothing(stack: TeardownStack) -> None:
    protected = {"enablePurgeProtection": True}
    put_resource(stack.azure, VAULTS, "kv-of-the-outputs", TAGS, GROUP, properties=protected)
    status, out, _ = stack.run("--yes")
    assert status == 0 and "protected from purging until 2026-11-28T10:00:00Z" in out
    assert stack.soft_deleted.purged == ["ai-of-the-outputs"]


def test_azure_has_time_to_update_its_lists(stack: TeardownStack) -> None:
    stack.played.lists.keep_stale(4)
    status, out, err = stack.run("--yes")
    assert status == 0 and "Nothing of the stack" in out, err
    assert err.count("Azure still lists") == 2  # of two pages each


def test_a_resource_with_the_stacks_tags_in_another_group_is_reported(stack: TeardownStack) -> None:
    other_project = TAGS | {"project": "another"}
    put_resource(stack.azure, "Microsoft.Search/searchServices", "srch-left", TAGS, "another-group")
    put_resource(stack.azure, "Microsoft.Search/searchServices", "not-ours", other_project, "another-group")
    status, out, _ = stack.run("--yes", "--json")
    found = json.loads(out)
    assert (status, found["clean"]) == (1, False)
    assert found["left"] == ["Microsoft.Search/searchServices srch-left"]
    assert RECORDS.file("dev").exists()
