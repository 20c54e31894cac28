"""The data factory that runs the pipelines, under an identity of its own."""

import pulumi
from pulumi_azure_native import datafactory, resources
from settings import Settings


class Factory(pulumi.ComponentResource):
    """A factory with a system-assigned identity."""

    def __init__(self, name: str, *, group: resources.ResourceGroup, settings: Settings) -> None:
        super().__init__("vector-lake:infra:Factory", name)
        self.factory = datafactory.Factory(
            "factory",
            factory_name=settings.factory,
            resource_group_name=group.name,
            location=settings.location,
            identity=datafactory.FactoryIdentityArgs(type="SystemAssigned"),
            tags=settings.tags,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.register_outputs({})
