"""teardown: what is not the stack's stays, and what is left of the stack is told."""

import json
from pathlib import Path

import pytest

from jobs.teardown import record
from tests.azure_fakes.cloud import Cloud
from tests.azure_fakes.resource_groups import resource
from tests.azure_fakes.soft_deleted import vault
from tests.jobs.teardown.torn_down_stack import GROUP, TAGS, Stack, standing


@pytest.fixture
def stack(
    cloud: Cloud, programs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Stack:
    monkeypatch.setenv("JOBS_LOCAL", str(tmp_path / "local"))
    return standing(cloud, programs, monkeypatch, capsys)


def test_what_somebody_else_put_into_the_group_is_not_deleted(stack: Stack) -> None:
    other = resource("Microsoft.Compute/virtualMachines", "vm-of-ben", {"owner": "ben"}, GROUP)
    stack.groups.resources.append(other)
    status, _, err = stack.run("--yes")
    assert status == 1 and "Microsoft.Compute/virtualMachines vm-of-ben" in err and "--others" in err
    assert not stack.destroys()
    assert stack.run("--yes", "--others")[0] == 0


@pytest.mark.parametrize("tags", [TAGS | {"stack": "prod"}, TAGS | {"project": "another"}])
def test_a_deleted_vault_of_another_stack_stays(stack: Stack, tags: dict[str, str]) -> None:
    where, told = vault("kv-of-the-outputs", "swedencentral", GROUP, tags)
    stack.bin.lying[where] = told
    assert stack.run("--yes")[0] == 0
    assert stack.bin.purged == ["ai-of-the-outputs"]


def test_a_deleted_vault_of_another_group_stays(stack: Stack) -> None:
    where, told = vault("kv-of-the-outputs", "swedencentral", f"{GROUP}-2", TAGS)
    stack.bin.lying[where] = told
    assert stack.run("--yes")[0] == 0
    assert stack.bin.purged == ["ai-of-the-outputs"]


def test_a_vault_that_is_protected_from_purging_is_told_and_costs_nothing(stack: Stack) -> None:
    where, told = vault("kv-of-the-outputs", "swedencentral", GROUP, TAGS, purgeProtectionEnabled=True)
    stack.bin.lying[where] = told
    status, out, _ = stack.run("--yes")
    assert status == 0 and "protected from purging until 2026-11-28T10:00:00Z" in out
    assert stack.bin.purged == ["ai-of-the-outputs"]


def test_azure_is_given_the_time_to_notice(stack: Stack) -> None:
    stack.groups.lagging = 4
    status, out, err = stack.run("--yes")
    assert status == 0 and "Nothing of the stack" in out, err
    assert err.count("Azure still lists") == 2  # of two pages each


def test_what_is_left_with_the_stacks_tags_elsewhere_is_told(stack: Stack) -> None:
    stack.groups.elsewhere = [
        resource("Microsoft.Search/searchServices", "srch-left", TAGS, "another-group"),
        resource("Microsoft.Search/searchServices", "not-ours", TAGS | {"project": "another"}, "another-group"),
    ]
    status, out, _ = stack.run("--yes", "--json")
    found = json.loads(out)
    assert (status, found["clean"]) == (1, False)
    assert found["left"] == ["Microsoft.Search/searchServices srch-left"]
    assert record.file("dev").exists()
