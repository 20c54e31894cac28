"""The virtual network of the private mode."""

import pulumi
from pulumi_azure_native import network
from retries import retry_hooks
from stack import Stack

SUBNET = "endpoints"


class Network(pulumi.ComponentResource):
    """A virtual network with one subnet for the private endpoints. `subnet_id` is the subnet's resource id."""

    def __init__(self, name: str, stack: Stack) -> None:
        super().__init__("vector-lake:infra:Network", name)
        settings = stack.settings
        self.network = network.VirtualNetwork(
            "network",
            virtual_network_name="network",
            resource_group_name=stack.group.name,
            location=settings.location,
            address_space=network.AddressSpaceArgs(address_prefixes=[settings.network_range]),
            # Inside the network: a separate subnet resource would count as drift of the network's list.
            subnets=[
                network.SubnetArgs(
                    name=SUBNET,
                    address_prefix=settings.network_range,
                    private_endpoint_network_policies="Disabled",
                )
            ],
            tags=settings.tags,
            # It changes with every endpoint in the subnet. After a refresh it would count as drift.
            opts=pulumi.ResourceOptions(
                parent=self, ignore_changes=["subnets[0].etag"], delete_before_replace=True, hooks=retry_hooks()
            ),
        )
        self.subnet_id = pulumi.Output.concat(self.network.id, f"/subnets/{SUBNET}")
        self.register_outputs({})
