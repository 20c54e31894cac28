"""Data Factory's managed virtual network: its copies run there, and connect through managed private endpoints."""

from collections.abc import Sequence

import pulumi
from endpoints import Endpoints, PrivateLinkTarget
from factory import Factory
from pulumi_azure_native import datafactory
from retries import retry_hooks
from stack import Stack
from template import deploy_template

NETWORK = "default"  # the only name that Azure accepts
RUNTIME = "PrivateRuntime"


class ManagedNetwork(pulumi.ComponentResource):
    """The managed virtual network, an integration runtime in it, and its private endpoints.

    `runtime` is the runtime's name. azure-native has no class for the network itself, so an ARM template creates it;
    it is deleted with the factory. Each endpoint stays Pending until an owner of the target service approves it.
    """

    def __init__(
        self, name: str, stack: Stack, *, factory: Factory, targets: Sequence[PrivateLinkTarget], after: Endpoints
    ) -> None:
        super().__init__("vector-lake:infra:ManagedNetwork", name)
        self.group, self.factory = stack.group, factory.factory
        network = {
            "type": "Microsoft.DataFactory/factories/managedVirtualNetworks",
            "apiVersion": "2018-06-01",
            "name": pulumi.Output.concat(self.factory.name, f"/{NETWORK}"),
            "properties": {},
        }
        deployment = deploy_template("managed-network", network, stack, factory, self)
        self.network = deployment.name.apply(lambda _: NETWORK)
        self.runtime = self._runtime()
        # One at a time, and after those of the virtual network: a server answers a second one with ServerIsBusy.
        self._created: list[pulumi.Resource] = [*after.created]
        for target in targets:
            if target.used_by_factory:
                self._endpoint(target)
        self.register_outputs({})

    def _runtime(self) -> pulumi.Output[str]:
        return datafactory.IntegrationRuntime(
            "runtime",
            integration_runtime_name=RUNTIME,
            factory_name=self.factory.name,
            resource_group_name=self.group.name,
            properties=datafactory.ManagedIntegrationRuntimeArgs(
                type="Managed",
                compute_properties=datafactory.IntegrationRuntimeComputePropertiesArgs(location="AutoResolve"),
                managed_virtual_network=datafactory.ManagedVirtualNetworkReferenceArgs(
                    reference_name=self.network, type="ManagedVirtualNetworkReference"
                ),
            ),
            opts=pulumi.ResourceOptions(
                parent=self, deleted_with=self.factory, delete_before_replace=True, hooks=retry_hooks()
            ),
        ).name

    def _endpoint(self, target: PrivateLinkTarget) -> None:
        endpoint = datafactory.ManagedPrivateEndpoint(
            f"factory-{target.name}",
            managed_private_endpoint_name=target.name,
            managed_virtual_network_name=self.network,
            factory_name=self.factory.name,
            resource_group_name=self.group.name,
            properties=datafactory.ManagedPrivateEndpointArgs(
                group_id=target.group_id, private_link_resource_id=target.service.resource.id
            ),
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=list(self._created),
                deleted_with=self.factory,
                replace_with=[target.service.resource],  # as for the endpoints of the virtual network
                delete_before_replace=True,
                hooks=retry_hooks(),
            ),
        )
        self._created.append(endpoint)
