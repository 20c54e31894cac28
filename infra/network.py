"""The virtual network of the private mode."""

import pulumi
from pulumi_azure_native import network, resources
from settings import Settings

SUBNET = "endpoints"


class Network(pulumi.ComponentResource):
    """A network with one subnet, for the private endpoints. `subnet_id` is that subnet's."""

    def __init__(self, name: str, *, group: resources.ResourceGroup, settings: Settings) -> None:
        super().__init__("vector-lake:infra:Network", name)
        self.network = network.VirtualNetwork(
            "network",
            virtual_network_name="network",
            resource_group_name=group.name,
            location=settings.location,
            address_space=network.AddressSpaceArgs(address_prefixes=[settings.network_range]),
            # Within the network: a subnet of its own would be taken for drift of the network's list.
            subnets=[
                network.SubnetArgs(
                    name=SUBNET,
                    address_prefix=settings.network_range,
                    private_endpoint_network_policies="Disabled",
                )
            ],
            tags=settings.tags,
            # It changes with every endpoint in the subnet, and after a refresh the program would take it back.
            opts=pulumi.ResourceOptions(parent=self, ignore_changes=["subnets[0].etag"]),
        )
        self.subnet_id = pulumi.Output.concat(self.network.id, f"/subnets/{SUBNET}")
        self.register_outputs({})
