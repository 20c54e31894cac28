"""Data Factory's own network: what its copies run in, and the doors that they go through."""

from collections.abc import Sequence

import pulumi
from endpoints import Endpoints
from factory import Factory
from pulumi_azure_native import datafactory, resources
from reached import Reached
from retries import retried
from template import by_template

NETWORK = "default"  # the only name that Azure takes
RUNTIME = "PrivateRuntime"


class ManagedNetwork(pulumi.ComponentResource):
    """The managed network, a runtime within and its private endpoints; `runtime` is the name of the runtime.

    azure-native has no class for the network itself, so an ARM template brings it; it goes with the factory. Each
    endpoint waits as Pending until somebody who may do so approves it at the service that it leads to.
    """

    def __init__(
        self,
        name: str,
        *,
        group: resources.ResourceGroup,
        factory: Factory,
        doors: Sequence[Reached],
        after: Endpoints,
    ) -> None:
        super().__init__("vector-lake:infra:ManagedNetwork", name)
        self.group, self.factory = group, factory.factory
        network = {
            "type": "Microsoft.DataFactory/factories/managedVirtualNetworks",
            "apiVersion": "2018-06-01",
            "name": pulumi.Output.concat(self.factory.name, f"/{NETWORK}"),
            "properties": {},
        }
        self.network = by_template("managed-network", network, group, self).name.apply(lambda _: NETWORK)
        self.runtime = self._runtime()
        # One at a time, and none beside those of the other network: a server answers the second with ServerIsBusy.
        self._made: list[pulumi.Resource] = [*after.made]
        for door in doors:
            if door.by_factory:
                self._endpoint(door)
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
            opts=pulumi.ResourceOptions(parent=self, deleted_with=self.factory),
        ).name

    def _endpoint(self, door: Reached) -> None:
        made = datafactory.ManagedPrivateEndpoint(
            f"factory-{door.name}",
            managed_private_endpoint_name=door.name,
            managed_virtual_network_name=self.network,
            factory_name=self.factory.name,
            resource_group_name=self.group.name,
            properties=datafactory.ManagedPrivateEndpointArgs(
                group_id=door.door, private_link_resource_id=door.service.itself.id
            ),
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=list(self._made),
                deleted_with=self.factory,
                replace_with=[door.service.itself],  # as the endpoints of the other network
                delete_before_replace=True,
                hooks=retried(),
            ),
        )
        self._made.append(made)
