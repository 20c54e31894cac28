"""The resources of an ARM template's deployment. Deleting a deployment leaves them, as on Azure.

https://learn.microsoft.com/azure/azure-resource-manager/templates/syntax
"""

from collections.abc import Iterator
from typing import Any

from tests.azure_fakes.arm_ids import group_of
from tests.azure_fakes.azure import Resource

NOT_OF_THE_BODY = ("type", "apiVersion", "name", "dependsOn")


def template_resources(deployment: Resource) -> Iterator[tuple[str, dict[str, Any]]]:
    """Id and body of each resource of a deployment's template, in its order."""
    for each in deployment.value("properties.template.resources") or []:
        provider, *segments = each["type"].split("/")
        names = zip(segments, each["name"].split("/"), strict=True)
        path = "/".join(f"{segment}/{name}" for segment, name in names)
        body = {key: value for key, value in each.items() if key not in NOT_OF_THE_BODY}
        yield f"{group_of(deployment.id)}/providers/{provider}/{path}", body
