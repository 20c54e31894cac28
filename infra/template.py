"""Deploy one resource of Data Factory with an ARM template, where azure-native lacks a class or a property for it."""

from collections.abc import Mapping
from typing import Any

import pulumi
from factory import Factory
from pulumi_azure_native import resources
from retries import retry_hooks
from stack import Stack

SCHEMA = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"


def deploy_template(
    name: str, resource: Mapping[str, Any], stack: Stack, factory: Factory, parent: pulumi.Resource
) -> resources.Deployment:
    """Create a deployment of a resource inside the factory, which is deleted with it.

    Deleting the deployment does not delete the resource. A new factory, of the same name too, needs a new deployment:
    it is replaced with the factory, and runs again where the factory's identity is another one.
    """
    return resources.Deployment(
        name,
        deployment_name=name,
        resource_group_name=stack.group.name,
        properties=resources.DeploymentPropertiesArgs(
            mode=resources.DeploymentMode.INCREMENTAL,
            template={
                "$schema": SCHEMA,
                "contentVersion": "1.0.0.0",
                "metadata": {"factory": factory.principal_id},
                "resources": [dict(resource)],
            },
        ),
        tags=stack.settings.tags,
        opts=pulumi.ResourceOptions(
            parent=parent,
            deleted_with=stack.group,
            replace_with=[factory.factory],
            delete_before_replace=True,
            hooks=retry_hooks(),
        ),
    )
