"""A stack with machine learning by Pulumi's own engine: a plain destroy leaves its workspace's name taken."""

import pytest

from tests.azure_fakes.azure import ROOT
from tests.engine.engine_stack import EngineStack

pytestmark = pytest.mark.engine
WORKSPACE = (
    f"{ROOT}/resourceGroups/rg-vector-lake-dev/providers/Microsoft.MachineLearningServices/workspaces/mlw-fer-dev"
).lower()


def test_a_destroyed_workspace_keeps_its_name_until_it_is_purged(engine_stack: EngineStack) -> None:
    stack = engine_stack
    stack.configure({"machineLearning": True})
    stack.up()
    stack.destroy()
    assert not stack.azure.resources and WORKSPACE in stack.azure.deleted
    for each in [each for each in stack.azure.deleted if each != WORKSPACE]:
        stack.azure.purge(each)
    failed = stack.try_up()
    assert failed.status != 0 and "Soft-deleted workspace exists" in failed.output
    stack.plugins.azure_native.client.open(  # what docs/azure.md says: now that its group exists again
        "DELETE", f"https://management.azure.com{WORKSPACE}?api-version=2025-12-01&forceToPurge=true"
    )
    stack.up()
    stack.check_quiet()
    stack.destroy()
    assert not stack.azure.resources
