"""The stack's resource group, where `pulumi destroy` leaves it: an interrupted `pulumi up` never put it into the state.

https://learn.microsoft.com/rest/api/resources/resource-groups
"""

from azure.core.exceptions import AzureError, ResourceNotFoundError

from jobs import terminal
from jobs.azure import api_versions
from jobs.azure.arm import Arm
from jobs.azure.errors import error_reason, translate_errors
from jobs.teardown.nested import delete_nested, list_nested
from jobs.teardown.record import StackNames
from jobs.teardown.resources import foreign_resources, has_stack_tags, list_group

ROLE = "Contributor on the subscription"


def is_own_group(arm: Arm, names: StackNames) -> bool:
    """Whether the group exists with the stack's tags: this stack made it. Raises AzureError."""
    try:
        return has_stack_tags(arm.get(names.group_id, api_versions.RESOURCES).get("tags"), names)
    except ResourceNotFoundError:
        return False


def delete_group(arm: Arm, names: StackNames, others: bool) -> None:
    """Delete the group and what is in it, if this stack made it, and, unless `others`, all in it is the stack's.

    Where Azure refuses, the resources stay: they are reported with what is left at the end. Raises JobError.
    """
    with translate_errors(f"the group {names.resource_group}", ROLE):
        if not is_own_group(arm, names):
            return
        resources = list_group(arm, names)
        if foreign_resources(resources) and not others:
            return
        delete_nested(arm, list_nested(arm, names, resources))
    terminal.log(f"Deleting the group {names.resource_group}, which Pulumi does not know")
    try:
        arm.run_operation("DELETE", names.group_id, api_versions.RESOURCES)
    except ResourceNotFoundError:
        return
    except AzureError as error:
        command = f"az group delete --name {names.resource_group}"
        terminal.log(f"Azure refuses to delete the group {names.resource_group} ({error_reason(error)}): `{command}`")
