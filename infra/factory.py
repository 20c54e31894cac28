"""The data factory that runs the pipelines, with an identity of its own."""

import pulumi
from pulumi_azure_native import datafactory
from retries import retry_hooks
from roles import principal_id
from stack import Stack


class Factory(pulumi.ComponentResource):
    """An empty factory with a system-assigned identity. `principal_id` is that identity's object id in Entra."""

    def __init__(self, name: str, stack: Stack) -> None:
        super().__init__("vector-lake:infra:Factory", name)
        settings = stack.settings
        self.factory = datafactory.Factory(
            "factory",
            factory_name=settings.factory,
            resource_group_name=stack.group.name,
            location=settings.location,
            identity=datafactory.FactoryIdentityArgs(type="SystemAssigned"),
            public_network_access="Disabled" if settings.private else "Enabled",
            tags=settings.tags,
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True, hooks=retry_hooks()),
        )
        self.principal_id: pulumi.Output[str] = self.factory.identity.apply(principal_id)
        self.register_outputs({})
