"""The Machine Learning workspace of a stack: its endpoints, then the workspace itself, for good.

Azure soft-deletes a workspace: for 14 days it keeps its name, no list shows it, and once its group is gone no request
finds it. So it is deleted before `pulumi destroy`, which would only soft-delete it, and purged in the same request.
https://learn.microsoft.com/azure/machine-learning/concept-soft-delete
"""

from collections.abc import Mapping

from azure.core.exceptions import ResourceNotFoundError

from jobs import terminal
from jobs.azure import api_versions
from jobs.azure.arm import Arm
from jobs.azure.errors import translate_errors
from jobs.azure.vm_sizes import PROVIDER
from jobs.teardown.record import StackNames

ROLE = "Contributor on the resource group"


def purge_workspace(arm: Arm, names: StackNames) -> bool:
    """Delete the stack's workspace and its endpoints for good. Returns whether there was one. Raises JobError.

    One that somebody deleted before, as a plain `pulumi destroy` does, is purged while its group still exists.
    """
    if not names.ml_workspace:
        return False
    workspace = f"{names.group_id}/providers/{PROVIDER}/workspaces/{names.ml_workspace}"
    with translate_errors(f"the workspace {names.ml_workspace}", ROLE):
        for endpoint in list_endpoints(arm, workspace):
            terminal.log(f"Deleting the endpoint {endpoint.rpartition('/')[2]}, and its deployments")
            delete(arm, endpoint)
        terminal.log(f"Deleting the workspace {names.ml_workspace} for good")
        return delete(arm, workspace, {"forceToPurge": "true"})


def announce(names: StackNames) -> list[str]:
    """What `teardown` says before it asks; nothing for a stack without a workspace."""
    name = names.ml_workspace
    return [f"The workspace {name} goes first, for good: its endpoints, runs and models too."] if name else []


def list_endpoints(arm: Arm, workspace: str) -> list[str]:
    """The ids of the workspace's online endpoints; none where it does not exist. Raises AzureError."""
    try:
        answers = list(arm.pages(f"{workspace}/onlineEndpoints", api_versions.MACHINE_LEARNING))
    except ResourceNotFoundError:
        return []
    return [str(each.get("id")) for each in answers]


def delete(arm: Arm, resource: str, query: Mapping[str, str] | None = None) -> bool:
    """Delete a resource, and wait until that is done. Returns false where it is gone. Raises AzureError."""
    try:
        arm.run_operation("DELETE", resource, api_versions.MACHINE_LEARNING, query=query)
    except ResourceNotFoundError:
        return False
    return True
