"""teardown after an interrupted `pulumi up`: its lock, its pending operations, and what the state does not know."""

import json
import os
import socket
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.azure_fakes.foundry_children import FoundryChildren
from tests.azure_fakes.resource_groups import resource
from tests.azure_fakes.resource_manager import HOST, ROOT, ResourceManager
from tests.jobs.recover.small_pulumi import ended_process
from tests.jobs.teardown.teardown_cli import DESTROY, GROUP, TAGS, TeardownStack

ACCOUNT = f"{ROOT}/resourceGroups/{GROUP}/providers/Microsoft.CognitiveServices/accounts/ai-of-the-outputs"
MESSAGE = "Cannot delete resource while nested resources exist."
NESTED = f'error: deleting account: Code="CannotDeleteResource" Message="{MESSAGE}"'
OPERATION = {
    "type": "creating",
    "resource": {"urn": "urn:pulumi:dev::v::infra:Vault$azure-native:keyvault:Vault::vault"},
}


@pytest.fixture
def foundry(stack: TeardownStack) -> FoundryChildren:
    """The account of the stack, in its group, with nothing in it."""
    children = FoundryChildren()
    account = resource("Microsoft.CognitiveServices/accounts", "ai-of-the-outputs", TAGS, GROUP)
    stack.groups.resources.append(account)
    stack.cloud.services[HOST] = ResourceManager([children, stack.groups, stack.soft_deleted])
    return children


def write_lock(stack: TeardownStack, folder: Path, pid: int) -> Path:
    """Lock the stack, whose state is in a folder, in the name of a process."""
    file = folder / ".pulumi/locks/organization/vector-lake/dev/1.json"
    file.parent.mkdir(parents=True)
    owner = {
        "pid": pid,
        "username": "ana",
        "hostname": socket.gethostname(),
        "timestamp": datetime.now(UTC).isoformat(),
    }
    file.write_text(json.dumps(owner), encoding="utf-8")
    stack.pulumi.set_output("whoami --json", {"url": f"file://{folder}"})
    set_state(stack)
    return file


def set_state(stack: TeardownStack, **more: Any) -> None:
    stack.pulumi.set_output("stack export", {"version": 3, "deployment": {"resources": [], **more}})


def test_the_lock_of_a_process_that_has_ended_is_lifted(stack: TeardownStack, tmp_path: Path) -> None:
    write_lock(stack, tmp_path / "backend", ended_process())
    stack.pulumi.set_output("cancel --yes --stack dev")
    status, _, err = stack.run("--yes")
    assert status == 0 and "Its lock is lifted first" in err, err
    words = [call[0] for call in stack.pulumi.calls()]
    assert words.index("cancel") < words.index("destroy")


def test_the_lock_of_a_process_that_runs_stops_it(stack: TeardownStack, tmp_path: Path) -> None:
    write_lock(stack, tmp_path / "backend", os.getpid())
    status, _, err = stack.run("--yes")
    assert status == 1 and f"the process {os.getpid()}" in err and "python -m jobs recover --target dev --yes" in err
    assert not stack.destroys() and not stack.asked()


def test_pending_operations_are_shown_and_forgotten_at_the_end(stack: TeardownStack) -> None:
    stack.pulumi.set_output("stack import --stack dev")
    set_state(stack, pending_operations=[OPERATION])
    status, _, err = stack.run("--yes")
    assert status == 0 and "Interrupted before: creating azure-native:keyvault:Vault::vault" in err
    assert stack.pulumi.calls()[-1][:2] == ["stack", "import"]


def test_a_project_that_the_state_does_not_know_is_deleted(stack: TeardownStack, foundry: FoundryChildren) -> None:
    foundry.add(f"{ACCOUNT}/projects/analisis_fer", TAGS)
    stack.succeeds_at = 2
    stack.pulumi.set_output(DESTROY, status=255, err=NESTED)
    stack.pulumi.add_output("Resources: 42 deleted\n")
    status, _, err = stack.run("--yes")
    assert status == 0, err
    assert foundry.deleted == [f"{ACCOUNT}/projects/analisis_fer"]
    assert "Microsoft.CognitiveServices/accounts/projects ai-of-the-outputs/analisis_fer" in err


def test_capability_hosts_are_deleted_before_what_they_are_in(stack: TeardownStack, foundry: FoundryChildren) -> None:
    project = f"{ACCOUNT}/projects/analisis_fer"
    foundry.add(project, TAGS)
    foundry.add(f"{project}/capabilityHosts/agents")
    foundry.add(f"{ACCOUNT}/capabilityHosts/agents")
    assert stack.run("--yes")[0] == 0
    assert foundry.deleted == [f"{project}/capabilityHosts/agents", f"{ACCOUNT}/capabilityHosts/agents"]


def test_a_project_of_others_is_named_and_needs_others(stack: TeardownStack, foundry: FoundryChildren) -> None:
    foundry.add(f"{ACCOUNT}/projects/bens")
    status, _, err = stack.run("--yes")
    assert status == 1 and "accounts/projects ai-of-the-outputs/bens" in err and "--others" in err
    assert not stack.destroys() and not foundry.deleted
    assert stack.run("--yes", "--others")[0] == 0
    assert foundry.deleted == [f"{ACCOUNT}/projects/bens"]


def test_what_azure_does_not_delete_is_named(stack: TeardownStack, foundry: FoundryChildren) -> None:
    foundry.add(f"{ACCOUNT}/projects/analisis_fer", TAGS)
    foundry.refuses.add(f"{ACCOUNT}/projects/analisis_fer".lower())
    stack.succeeds_at = 99
    stack.pulumi.set_output(DESTROY, status=255, err=NESTED)
    status, _, err = stack.run("--yes")
    assert status == 1 and f"`az resource delete --ids {ACCOUNT}/projects/analisis_fer`" in err, err


@pytest.fixture
def own_group(stack: TeardownStack, foundry: FoundryChildren) -> FoundryChildren:
    """The stack's group, which `pulumi destroy` leaves: it is not in the state."""
    foundry.group = {"id": f"{ROOT}/resourceGroups/{GROUP}", "name": GROUP, "tags": TAGS}
    stack.groups.is_gone = lambda: bool(foundry.deleted)
    stack.soft_deleted.is_gone = lambda: bool(foundry.deleted)
    return foundry


def test_a_group_that_the_state_does_not_know_is_deleted(stack: TeardownStack, own_group: FoundryChildren) -> None:
    status, out, err = stack.run("--yes")
    assert status == 0 and "Nothing of the stack dev is left" in out, err
    assert own_group.deleted == [f"{ROOT}/resourceGroups/{GROUP}"]


@pytest.mark.parametrize("tags", [{}, TAGS | {"stack": "prod"}])
def test_a_group_that_this_stack_did_not_make_stays(
    stack: TeardownStack, own_group: FoundryChildren, tags: dict[str, str]
) -> None:
    assert own_group.group
    own_group.group["tags"] = tags
    status, out, _ = stack.run("--yes", "--json")
    found = json.loads(out)
    assert (status, found["clean"]) == (1, False) and not own_group.deleted
    assert any(each.endswith("flexibleServers/psql-fer-dev") for each in found["commands"])


def test_a_group_that_got_a_resource_of_others_meanwhile_stays(
    stack: TeardownStack, own_group: FoundryChildren
) -> None:
    def add_when_destroyed() -> bool:
        if stack.destroys() and len(stack.groups.resources) == 5:
            stack.groups.resources.append(resource("Microsoft.Compute/virtualMachines", "vm-of-ben", None, GROUP))
        return False

    stack.groups.is_gone = add_when_destroyed
    status, out, _ = stack.run("--yes")
    assert status == 1 and "vm-of-ben" in out and not own_group.deleted


def test_a_pulumi_that_is_too_old_is_named(stack: TeardownStack) -> None:
    text = "error: Pulumi CLI version 3.250.0 does not satisfy the version range >=3.260.0. Please upgrade.\n"
    for beginning in (DESTROY, "stack output --json"):
        stack.succeeds_at = 99
        stack.pulumi.set_output(beginning, status=255, err=text)
        status, _, err = stack.run("--yes")
        assert status == 1 and "too old" in err and "https://www.pulumi.com/docs/install/" in err.splitlines()[-1]
