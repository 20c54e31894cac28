"""teardown: resources of others stay, and what is left of the stack is reported."""

import json

import pytest

from jobs.teardown.record import RECORDS
from tests.azure_fakes.resource_groups import resource
from tests.azure_fakes.soft_deleted import vault
from tests.jobs.teardown.teardown_cli import GROUP, TAGS, TeardownStack


def test_resources_of_others_in_the_group_are_not_deleted(stack: TeardownStack) -> None:
    other = resource("Microsoft.Compute/virtualMachines", "vm-of-ben", {"owner": "ben"}, GROUP)
    stack.groups.resources.append(other)
    status, _, err = stack.run("--yes")
    assert status == 1 and "Microsoft.Compute/virtualMachines vm-of-ben" in err and "--others" in err
    assert not stack.destroys()
    assert stack.run("--yes", "--others")[0] == 0


@pytest.mark.parametrize("tags", [TAGS | {"stack": "prod"}, TAGS | {"project": "another"}])
def test_a_deleted_vault_of_another_stack_stays(stack: TeardownStack, tags: dict[str, str]) -> None:
    path, answer = vault("kv-of-the-outputs", "swedencentral", GROUP, tags)
    stack.soft_deleted.resources[path] = answer
    assert stack.run("--yes")[0] == 0
    assert stack.soft_deleted.purged == ["ai-of-the-outputs"]


def test_a_deleted_vault_of_another_group_stays(stack: TeardownStack) -> None:
    path, answer = vault("kv-of-the-outputs", "swedencentral", f"{GROUP}-2", TAGS)
    stack.soft_deleted.resources[path] = answer
    assert stack.run("--yes")[0] == 0
    assert stack.soft_deleted.purged == ["ai-of-the-outputs"]


def test_a_vault_with_purge_protection_is_reported_and_costs_nothing(stack: TeardownStack) -> None:
    path, answer = vault("kv-of-the-outputs", "swedencentral", GROUP, TAGS, purgeProtectionEnabled=True)
    stack.soft_deleted.resources[path] = answer
    status, out, _ = stack.run("--yes")
    assert status == 0 and "protected from purging until 2026-11-28T10:00:00Z" in out
    assert stack.soft_deleted.purged == ["ai-of-the-outputs"]


def test_azure_has_time_to_update_its_lists(stack: TeardownStack) -> None:
    stack.groups.stale_lists = 4
    status, out, err = stack.run("--yes")
    assert status == 0 and "Nothing of the stack" in out, err
    assert err.count("Azure still lists") == 2  # of two pages each


def test_a_resource_with_the_stacks_tags_in_another_group_is_reported(stack: TeardownStack) -> None:
    stack.groups.other_resources = [
        resource("Microsoft.Search/searchServices", "srch-left", TAGS, "another-group"),
        resource("Microsoft.Search/searchServices", "not-ours", TAGS | {"project": "another"}, "another-group"),
    ]
    status, out, _ = stack.run("--yes", "--json")
    found = json.loads(out)
    assert (status, found["clean"]) == (1, False)
    assert found["left"] == ["Microsoft.Search/searchServices srch-left"]
    assert RECORDS.file("dev").exists()
