"""The stack: its settings, its resource group and the identity that deploys it."""

from dataclasses import dataclass

import pulumi
from pulumi_azure_native import authorization, resources
from retries import retry_hooks
from settings import Settings


@dataclass(frozen=True)
class Deployer:
    """The Entra identity that runs `pulumi up`, and the subscription that it deploys to."""

    object_id: str
    type: str
    tenant_id: str
    subscription_id: str


@dataclass(frozen=True)
class Stack:
    """What every component is given."""

    settings: Settings
    group: resources.ResourceGroup
    deployer: Deployer


def get_deployer(settings: Settings) -> Deployer:
    """Return the identity that the provider is logged in with: a person, or the service principal of a CI pipeline.

    Azure does not report the type of the identity, so the type is a setting (`deployerType`).
    """
    client = authorization.get_client_config()
    return Deployer(client.object_id, settings.deployer_type, client.tenant_id, client.subscription_id)


def create_stack(settings: Settings) -> Stack:
    """Create the resource group that holds everything else."""
    group = resources.ResourceGroup(
        "group",
        resource_group_name=settings.resource_group,
        location=settings.location,
        tags=settings.tags,
        opts=pulumi.ResourceOptions(delete_before_replace=True, hooks=retry_hooks()),
    )
    return Stack(settings, group, get_deployer(settings))
