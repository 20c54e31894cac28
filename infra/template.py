"""One resource by way of an ARM template, for what azure-native has no class or no key for."""

from collections.abc import Mapping
from typing import Any

import pulumi
from pulumi_azure_native import resources

SCHEMA = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"


def by_template(
    name: str, resource: Mapping[str, Any], group: resources.ResourceGroup, parent: pulumi.Resource
) -> resources.Deployment:
    """A deployment of the resource. Taking it back does not delete the resource, which has to go with another."""
    return resources.Deployment(
        name,
        deployment_name=name,
        resource_group_name=group.name,
        properties=resources.DeploymentPropertiesArgs(
            mode=resources.DeploymentMode.INCREMENTAL,
            template={"$schema": SCHEMA, "contentVersion": "1.0.0.0", "resources": [dict(resource)]},
        ),
        tags=group.tags,
        opts=pulumi.ResourceOptions(parent=parent, deleted_with=group),
    )
