"""Whoever runs `pulumi up`: a person, or a pipeline's service principal."""

from dataclasses import dataclass

from pulumi_azure_native import authorization
from settings import Settings


@dataclass(frozen=True)
class Deployer:
    """An identity in Entra, and the subscription that it deploys to."""

    object_id: str
    type: str
    tenant_id: str
    subscription_id: str


def deployer(settings: Settings) -> Deployer:
    """The identity that the provider is logged in with. What kind it is, Azure does not tell: that is a setting."""
    client = authorization.get_client_config()
    return Deployer(client.object_id, settings.deployer_type, client.tenant_id, client.subscription_id)
