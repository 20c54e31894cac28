"""The resources of a stack in Azure: everything in its group, and everything with its tags in other groups."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from jobs.azure.arm import Arm
from jobs.azure.resources import list_group_resources, list_tagged_resources
from jobs.teardown.record import StackNames

# Azure creates one for each private endpoint, named after it, without tags; it is deleted with the endpoint.
NIC, ENDPOINT_NIC = "microsoft.network/networkinterfaces", ".nic."


@dataclass(frozen=True)
class Resource:
    """`of_stack` says whether it has the stack's tags, or Azure created it for a resource that has."""

    id: str
    type: str
    name: str
    of_stack: bool

    def __str__(self) -> str:
        return f"{self.type} {self.name}"

    @property
    def delete_command(self) -> str:
        return f"az resource delete --ids {self.id}"


def list_group(arm: Arm, names: StackNames) -> list[Resource]:
    """Everything in the stack's group; nothing where the group does not exist. Raises AzureError."""
    return [to_resource(each, names) for each in list_group_resources(arm, names.group_id)]


def list_by_tags(arm: Arm, names: StackNames) -> list[Resource]:
    """Everything in the subscription with both tags of the stack. Raises AzureError."""
    answers = list_tagged_resources(arm, names.subscription_id, "stack", names.tags["stack"])
    return [resource for each in answers if (resource := to_resource(each, names)).of_stack]


def to_resource(answer: Mapping[str, Any], names: StackNames) -> Resource:
    kind, name = str(answer.get("type")), str(answer.get("name"))
    is_endpoint_nic = kind.lower() == NIC and ENDPOINT_NIC in name
    return Resource(str(answer.get("id")), kind, name, is_endpoint_nic or has_stack_tags(answer.get("tags"), names))


def has_stack_tags(tags: Any, names: StackNames) -> bool:
    return isinstance(tags, Mapping) and names.tags.items() <= tags.items()


def foreign_resources(resources: Iterable[Resource]) -> list[Resource]:
    """The resources in the group that are not the stack's: they would be deleted with the group."""
    return [each for each in resources if not each.of_stack]
