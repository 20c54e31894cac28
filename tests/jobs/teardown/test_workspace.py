"""teardown of a stack with machine learning: endpoints first, the workspace for good, then the rest."""

import json

import pytest

from tests.azure_fakes.azure import ROOT
from tests.azure_fakes.resource_lists import put_resource
from tests.jobs.teardown.teardown_cli import GROUP, OUTPUTS, TAGS, TeardownStack

KIND = "Microsoft.MachineLearningServices/workspaces"
WORKSPACE = f"{ROOT}/resourceGroups/{GROUP}/providers/{KIND}/mlw-fer-dev"


@pytest.fixture
def learning(stack: TeardownStack) -> TeardownStack:
    """The stack with a workspace and an endpoint, which the jobs made with the stack's tags."""
    stack.pulumi.set_output("stack output --json", OUTPUTS | {"ml_workspace": "mlw-fer-dev"})
    put_resource(stack.azure, KIND, "mlw-fer-dev", TAGS, GROUP)
    put_resource(stack.azure, f"{KIND}/mlw-fer-dev/onlineEndpoints", "faces-chat", TAGS, GROUP)
    return stack


def deleted(stack: TeardownStack) -> list[str]:
    """What was deleted below the workspace or itself, in order, with its query."""
    requests = [each for each in stack.cloud.requests if each.method == "DELETE" and KIND in each.path]
    return [f"{each.path.removeprefix(WORKSPACE)}?{each.query.get('forceToPurge', '')}" for each in requests]


def test_the_endpoint_goes_first_then_the_workspace_for_good_before_pulumi(learning: TeardownStack) -> None:
    status, out, err = learning.run("--yes", "--json")
    assert status == 0, err
    assert "The workspace mlw-fer-dev goes first, for good: its endpoints, runs and models too." in err
    assert deleted(learning) == ["/onlineEndpoints/faces-chat?", "?true"]
    assert err.index("Deleting the workspace mlw-fer-dev for good") < err.index("Resources: 42 deleted")
    assert json.loads(out)["purged"][0] == "workspace mlw-fer-dev"
    assert WORKSPACE.lower() not in learning.azure.deleted


def test_again_there_is_nothing_to_delete(learning: TeardownStack) -> None:
    assert learning.run("--yes")[0] == 0
    status, out, _ = learning.run("--yes", "--json")
    assert status == 0 and json.loads(out)["purged"] == []


def test_a_workspace_that_pulumi_deleted_is_purged_while_its_group_exists(learning: TeardownStack) -> None:
    learning.azure.remove(WORKSPACE)
    assert WORKSPACE.lower() in learning.azure.deleted
    assert learning.run("--yes")[0] == 0
    assert WORKSPACE.lower() not in learning.azure.deleted


def test_the_endpoint_of_somebody_else_is_deleted_only_with_others(learning: TeardownStack) -> None:
    put_resource(learning.azure, f"{KIND}/mlw-fer-dev/onlineEndpoints", "of-bob", None, GROUP)
    status, _, err = learning.run("--yes")
    assert status == 1 and "mlw-fer-dev/of-bob" in err
    assert deleted(learning) == []
    assert learning.run("--yes", "--others")[0] == 0


def test_a_stack_without_machine_learning_asks_nothing_about_it(stack: TeardownStack) -> None:
    assert stack.run("--yes")[0] == 0
    assert not [each for each in stack.cloud.requests if "MachineLearning" in each.path]
