"""What stands in Azure of a stack: everything in its group, and whatever has its tags elsewhere.

https://learn.microsoft.com/rest/api/resources/resources/list
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from azure.core.exceptions import ResourceNotFoundError

from jobs.azure import api_versions
from jobs.azure.arm import Arm
from jobs.teardown.record import Names

# Azure makes one for each private endpoint, named after it, without tags; it goes with the endpoint.
NIC, OF_ENDPOINT = "microsoft.network/networkinterfaces", ".nic."


@dataclass(frozen=True)
class Resource:
    """`of_stack` says whether it has the stack's tags, or Azure made it for something that has."""

    id: str
    type: str
    name: str
    of_stack: bool

    def __str__(self) -> str:
        return f"{self.type} {self.name}"


def list_group(arm: Arm, names: Names) -> list[Resource]:
    """Everything in the stack's group; nothing where there is no such group. Raises AzureError."""
    try:
        return [to_resource(each, names) for each in arm.pages(f"{names.group_id}/resources", api_versions.RESOURCES)]
    except ResourceNotFoundError:
        return []


def list_by_tags(arm: Arm, names: Names) -> list[Resource]:
    """Everything in the subscription with both tags of the stack: the list takes one of them. Raises AzureError."""
    wanted = {"$filter": f"tagName eq 'stack' and tagValue eq '{names.tags['stack']}'"}
    pages = arm.pages(f"/subscriptions/{names.subscription_id}/resources", api_versions.RESOURCES, **wanted)
    return [found for each in pages if (found := to_resource(each, names)).of_stack]


def to_resource(each: Mapping[str, Any], names: Names) -> Resource:
    kind, name = str(each.get("type")), str(each.get("name"))
    card = kind.lower() == NIC and OF_ENDPOINT in name
    return Resource(str(each.get("id")), kind, name, card or has_stack_tags(each.get("tags"), names))


def has_stack_tags(tags: Any, names: Names) -> bool:
    return isinstance(tags, Mapping) and names.tags.items() <= tags.items()


def foreign_resources(resources: Iterable[Resource]) -> list[Resource]:
    """What others put into the group: it would go with the group."""
    return [each for each in resources if not each.of_stack]
