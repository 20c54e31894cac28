"""Private endpoints: an address in the network for each door, and the names that lead to it."""

from collections.abc import Sequence

import pulumi
from network import Network
from pulumi_azure_native import network, privatedns, resources
from reached import Reached
from retries import retried
from settings import Settings


class Endpoints(pulumi.ComponentResource):
    """Zones, linked to the network, and endpoints, made one after the other: they share a subnet.

    `made` ends with the last of them.
    """

    def __init__(
        self,
        name: str,
        *,
        group: resources.ResourceGroup,
        settings: Settings,
        network: Network,
        doors: Sequence[Reached],
    ) -> None:
        super().__init__("vector-lake:infra:Endpoints", name)
        self.group, self.settings, self.network = group, settings, network
        self.made: list[pulumi.Resource] = []
        self._zones = {zone: self._zone(zone) for zone in sorted({zone for door in doors for zone in door.zones})}
        for door in doors:
            self._endpoint(door)
        self.register_outputs({})

    def _zone(self, zone: str) -> privatedns.PrivateZone:
        made = privatedns.PrivateZone(
            zone,
            private_zone_name=zone,
            resource_group_name=self.group.name,
            location="global",
            tags=self.settings.tags,
            opts=pulumi.ResourceOptions(parent=self),
        )
        privatedns.VirtualNetworkLink(
            f"{zone}-link",
            virtual_network_link_name="network",
            private_zone_name=made.name,
            resource_group_name=self.group.name,
            location="global",
            registration_enabled=False,
            virtual_network=privatedns.SubResourceArgs(id=self.network.network.id),
            tags=self.settings.tags,
            opts=pulumi.ResourceOptions(parent=self),
        )
        return made

    def _endpoint(self, door: Reached) -> None:
        endpoint = network.PrivateEndpoint(
            door.name,
            private_endpoint_name=door.name,
            resource_group_name=self.group.name,
            location=self.settings.location,
            subnet=network.SubnetArgs(id=self.network.subnet_id),
            private_link_service_connections=[
                network.PrivateLinkServiceConnectionArgs(
                    name=door.name, private_link_service_id=door.service.itself.id, group_ids=[door.door]
                )
            ],
            tags=self.settings.tags,
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=[*door.service.after, *self.made],
                # Azure moves them to the group of names below, and after a refresh they would be missed.
                ignore_changes=["customDnsConfigs"],
                # It leads to that one service and to no later one of the same name.
                replace_with=[door.service.itself],
                delete_before_replace=True,
                hooks=retried(),
            ),
        )
        names = network.PrivateDnsZoneGroup(
            f"{door.name}-names",
            private_dns_zone_group_name="default",
            private_endpoint_name=endpoint.name,
            resource_group_name=self.group.name,
            private_dns_zone_configs=[
                network.PrivateDnsZoneConfigArgs(name=zone.replace(".", "-"), private_dns_zone_id=self._zones[zone].id)
                for zone in door.zones
            ],
            # Deleted by itself, and before the zones: left to the endpoint, it would still name zones that are gone.
            opts=pulumi.ResourceOptions(parent=self, hooks=retried()),
        )
        self.made += [endpoint, names]
