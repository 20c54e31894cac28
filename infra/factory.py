"""The data factory that runs the pipelines, under an identity of its own."""

import pulumi
from pulumi_azure_native import datafactory, resources
from settings import Settings


class Factory(pulumi.ComponentResource):
    """A factory with a system-assigned identity, still empty. `principal_id` is that identity in Entra."""

    def __init__(self, name: str, *, group: resources.ResourceGroup, settings: Settings) -> None:
        super().__init__("vector-lake:infra:Factory", name)
        self.factory = datafactory.Factory(
            "factory",
            factory_name=settings.factory,
            resource_group_name=group.name,
            location=settings.location,
            identity=datafactory.FactoryIdentityArgs(type="SystemAssigned"),
            public_network_access="Disabled" if settings.private else "Enabled",
            tags=settings.tags,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.principal_id: pulumi.Output[str] = self.factory.identity.apply(principal_id)
        self.register_outputs({})


def principal_id(identity: datafactory.outputs.FactoryIdentityResponse | None) -> str:
    """The object id that Entra knows a factory's identity by; empty where Azure has not told it."""
    return (identity.principal_id or "") if identity else ""
