"""Lists of resources at Resource Manager.

https://learn.microsoft.com/rest/api/resources/resources
"""

from collections.abc import Iterator
from typing import Any

from azure.core.exceptions import ResourceNotFoundError

from jobs.azure import api_versions
from jobs.azure.arm import Arm


def list_group_resources(arm: Arm, group_id: str) -> list[dict[str, Any]]:
    """Every resource of a resource group; none where the group does not exist. Raises AzureError."""
    try:
        return list(arm.pages(f"{group_id}/resources", api_versions.RESOURCES))
    except ResourceNotFoundError:
        return []


def list_tagged_resources(arm: Arm, subscription_id: str, tag: str, value: str) -> Iterator[dict[str, Any]]:
    """Every resource of a subscription with one tag: the list filters by no more than one. Raises AzureError."""
    condition = {"$filter": f"tagName eq '{tag}' and tagValue eq '{value}'"}
    return arm.pages(f"/subscriptions/{subscription_id}/resources", api_versions.RESOURCES, **condition)
