"""What a Foundry account holds, and Azure does not delete with it: projects and capability hosts.

With one of them Azure refuses to delete the account (CannotDeleteResource, "nested resources exist"); its list of the
group's resources may lack them.
https://learn.microsoft.com/rest/api/aiservices/accountmanagement/projects
https://learn.microsoft.com/rest/api/aiservices/accountmanagement/account-capability-hosts
"""

from collections.abc import Iterable, Iterator

from azure.core.exceptions import AzureError, ResourceNotFoundError

from jobs import terminal
from jobs.azure import api_versions
from jobs.azure.arm import Arm, Json
from jobs.azure.errors import error_reason
from jobs.teardown.record import StackNames
from jobs.teardown.resources import Resource, has_stack_tags

ACCOUNT = "microsoft.cognitiveservices/accounts"
PROJECTS, HOSTS = "projects", "capabilityHosts"


def list_nested(arm: Arm, names: StackNames, resources: Iterable[Resource]) -> list[Resource]:
    """The projects and capability hosts of every Foundry account among `resources`, in the order to delete them.

    A project is the stack's if it has its tags. A host has none: it is whose its project or account is. Raises
    AzureError.
    """
    found: list[Resource] = []
    for account in resources:
        if account.type.lower() == ACCOUNT:
            for project in list_children(arm, account, PROJECTS):
                nested = to_nested(project, PROJECTS, has_stack_tags(project.get("tags"), names))
                found += [*list_hosts(arm, nested), nested]
            found += list_hosts(arm, account)
    return found


def list_hosts(arm: Arm, parent: Resource) -> list[Resource]:
    return [to_nested(each, HOSTS, parent.of_stack) for each in list_children(arm, parent, HOSTS)]


def list_children(arm: Arm, parent: Resource, collection: str) -> Iterator[Json]:
    """The children of a resource; none where the resource, or a list of that type, does not exist."""
    try:
        yield from arm.pages(f"{parent.id}/{collection}", api_versions.COGNITIVE_SERVICES)
    except ResourceNotFoundError:
        return


def to_nested(answer: Json, collection: str, of_stack: bool) -> Resource:
    resource_id = str(answer.get("id"))
    provider, *parts = resource_id.rpartition("/providers/")[2].split("/")
    return Resource(resource_id, "/".join([provider, *parts[::2]]), "/".join(parts[1::2]), of_stack)


def delete_nested(arm: Arm, nested: Iterable[Resource]) -> None:
    """Delete them one after the other. One that Azure refuses stays: it is reported with what is left at the end."""
    for each in nested:
        terminal.log(f"Deleting {each}")
        try:
            arm.run_operation("DELETE", each.id, api_versions.COGNITIVE_SERVICES)
        except ResourceNotFoundError:
            continue
        except AzureError as error:
            terminal.log(f"Azure refuses to delete {each} ({error_reason(error)}): `{each.delete_command}`")
