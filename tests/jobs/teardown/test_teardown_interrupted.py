"""teardown after an interrupted `pulumi up`: its lock, its pending operations, and what the state does not know."""

import json
import os
import socket
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.azure_fakes.azure import HOST, ROOT, Azure
from tests.azure_fakes.cloud import Request, Response, requests_with_method
from tests.azure_fakes.resource_lists import put_resource
from tests.azure_fakes.resource_manager import error_response
from tests.jobs.recover.small_pulumi import ended_process
from tests.jobs.teardown.teardown_cli import DESTROY, GROUP, TAGS, TeardownStack

ACCOUNT = f"{ROOT}/resourceGroups/{GROUP}/providers/Microsoft.CognitiveServices/accounts/ai-of-the-outputs"
MESSAGE = "Cannot delete resource while nested resources exist."
PROJECT, AGENTS = {"location": "swedencentral", "tags": TAGS}, "capabilityHosts/agents"
NESTED = f'error: deleting account: Code="CannotDeleteResource" Message="{MESSAGE}"'
OPERATION = {
    "type": "creating",
    "resource": {"urn": "urn:pulumi:dev::v::infra:Vault$azure-native:keyvault:Vault::vault"},
}


@pytest.fixture
def foundry(stack: TeardownStack) -> Azure:
    """The played Azure with the account of the stack in its group, and nothing in the account."""
    put_resource(stack.azure, "Microsoft.CognitiveServices/accounts", "ai-of-the-outputs", TAGS, GROUP)
    return stack.azure


def deleted(stack: TeardownStack) -> list[str]:
    """The ids of what was deleted through Resource Manager, but for purges."""
    paths = [each.path for each in requests_with_method(stack.cloud, "DELETE")]
    return [path for path in paths if "/deletedAccounts/" not in path]


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


def test_a_project_that_the_state_does_not_know_is_deleted(stack: TeardownStack, foundry: Azure) -> None:
    foundry.put(f"{ACCOUNT}/projects/analisis_fer", PROJECT)
    stack.succeeds_at = 2
    stack.pulumi.set_output(DESTROY, status=255, err=NESTED)
    stack.pulumi.add_output("Resources: 42 deleted\n")
    status, _, err = stack.run("--yes")
    assert status == 0, err
    assert deleted(stack) == [f"{ACCOUNT}/projects/analisis_fer"]
    assert "Microsoft.CognitiveServices/accounts/projects ai-of-the-outputs/analisis_fer" in err


def test_capability_hosts_are_deleted_before_what_they_are_in(stack: TeardownStack, foundry: Azure) -> None:
    project = f"{ACCOUNT}/projects/analisis_fer"
    for path, body in ((project, PROJECT), (f"{project}/{AGENTS}", {}), (f"{ACCOUNT}/{AGENTS}", {})):
        foundry.put(path, body)
    assert stack.run("--yes")[0] == 0
    assert deleted(stack) == [f"{project}/capabilityHosts/agents", f"{ACCOUNT}/capabilityHosts/agents"]


def test_a_project_of_others_is_named_and_needs_others(stack: TeardownStack, foundry: Azure) -> None:
    foundry.put(f"{ACCOUNT}/projects/bens", {"location": "swedencentral"})
    status, _, err = stack.run("--yes")
    assert status == 1 and "accounts/projects ai-of-the-outputs/bens" in err and "--others" in err
    assert not stack.destroys() and not deleted(stack)
    assert stack.run("--yes", "--others")[0] == 0
    assert deleted(stack) == [f"{ACCOUNT}/projects/bens"]


def test_what_azure_does_not_delete_is_named(stack: TeardownStack, foundry: Azure) -> None:
    foundry.put(f"{ACCOUNT}/projects/analisis_fer", PROJECT)
    stack.played.manager.providers.insert(0, refuse_to_delete_projects)
    stack.succeeds_at = 99
    stack.pulumi.set_output(DESTROY, status=255, err=NESTED)
    status, _, err = stack.run("--yes")
    assert status == 1 and f"`az resource delete --ids {ACCOUNT}/projects/analisis_fer`" in err, err


def refuse_to_delete_projects(request: Request) -> Response | None:
    """Azure still deletes what is in the project, for example."""
    is_delete = request.method == "DELETE" and "/projects/" in request.path
    return error_response(409, "CannotDeleteResource", MESSAGE) if is_delete else None


@pytest.fixture
def own_group(stack: TeardownStack, foundry: Azure) -> Azure:
    """The stack's group, which `pulumi destroy` leaves: it is not in the state."""
    foundry.put(f"{ROOT}/resourceGroups/{GROUP}", {"location": "swedencentral", "tags": TAGS})
    stack.cloud.services[HOST] = stack.played.manager
    return foundry


def test_a_group_that_the_state_does_not_know_is_deleted(stack: TeardownStack, own_group: Azure) -> None:
    status, out, err = stack.run("--yes")
    assert status == 0 and "Nothing of the stack dev is left" in out, err
    assert deleted(stack) == [f"{ROOT}/resourceGroups/{GROUP}"]


@pytest.mark.parametrize("tags", [{}, TAGS | {"stack": "prod"}])
def test_a_group_that_this_stack_did_not_make_stays(
    stack: TeardownStack, own_group: Azure, tags: dict[str, str]
) -> None:
    own_group.put(f"{ROOT}/resourceGroups/{GROUP}", {"location": "swedencentral", "tags": tags})
    status, out, _ = stack.run("--yes", "--json")
    found = json.loads(out)
    assert (status, found["clean"]) == (1, False) and not deleted(stack)
    assert any(each.endswith("flexibleServers/psql-fer-dev") for each in found["commands"])


def test_a_group_that_got_a_resource_of_others_meanwhile_stays(stack: TeardownStack, own_group: Azure) -> None:
    def add_when_destroyed(request: Request) -> Response:
        if stack.destroys():
            machine = f"{ROOT}/resourceGroups/{GROUP}/providers/Microsoft.Compute/virtualMachines/vm-of-ben"
            own_group.put(machine, {"location": "swedencentral"})
        return stack.played.manager(request)

    stack.cloud.services[HOST] = add_when_destroyed
    status, out, _ = stack.run("--yes")
    assert status == 1 and "vm-of-ben" in out and not deleted(stack)


def test_a_pulumi_that_is_too_old_is_named(stack: TeardownStack) -> None:
    text = "error: Pulumi CLI version 3.250.0 does not satisfy the version range >=3.260.0. Please upgrade.\n"
    for beginning in (DESTROY, "stack output --json"):
        stack.succeeds_at = 99
        stack.pulumi.set_output(beginning, status=255, err=text)
        status, _, err = stack.run("--yes")
        assert status == 1 and "too old" in err and "https://www.pulumi.com/docs/install/" in err.splitlines()[-1]
