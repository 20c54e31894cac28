"""Deploy one resource with an ARM template, where azure-native lacks a class or a property for it."""

from collections.abc import Mapping
from typing import Any

import pulumi
from pulumi_azure_native import resources

SCHEMA = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"


def deploy_template(
    name: str, resource: Mapping[str, Any], group: resources.ResourceGroup, parent: pulumi.Resource
) -> resources.Deployment:
    """Create a deployment of the resource.

    Deleting the deployment does not delete the resource, so it must be deleted with another one.
    """
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
