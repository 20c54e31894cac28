"""Private endpoints: an address in the virtual network for each service, and the DNS names that resolve to it."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from access import Components
from network import Network
from pulumi_azure_native import network, privatedns
from retries import retry_hooks
from stack import Stack

FOUNDRY_ZONES = (
    "privatelink.cognitiveservices.azure.com",
    "privatelink.openai.azure.com",
    "privatelink.services.ai.azure.com",
)


@dataclass(frozen=True)
class Service:
    """A service with private endpoints, and the resources that must be complete before one is created."""

    name: str
    resource: pulumi.CustomResource
    after: Sequence[pulumi.Resource] = ()


@dataclass(frozen=True)
class PrivateLinkTarget:
    """What one private endpoint connects to.

    `group_id` is Azure's name for the private link sub-resource of the service, `zones` are the private DNS zones of
    its names. `used_by_factory` means that Data Factory needs an endpoint of its own for it.
    """

    service: Service
    group_id: str
    zones: Sequence[str]
    used_by_factory: bool

    @property
    def name(self) -> str:
        """The endpoint's name, such as lake-dfs."""
        return f"{self.service.name}-{self.group_id}".lower()


class Endpoints(pulumi.ComponentResource):
    """Private DNS zones, linked to the network, and private endpoints.

    The endpoints share a subnet, so they are created one after the other. `created` ends with the last of them.
    """

    def __init__(self, name: str, stack: Stack, *, network: Network, targets: Sequence[PrivateLinkTarget]) -> None:
        super().__init__("vector-lake:infra:Endpoints", name)
        self.stack, self.network = stack, network
        self.created: list[pulumi.Resource] = []
        zones = sorted({zone for target in targets for zone in target.zones})
        self._zones = {zone: self._zone(zone) for zone in zones}
        for target in targets:
            self._endpoint(target)
        self.register_outputs({})

    def _zone(self, name: str) -> privatedns.PrivateZone:
        zone = privatedns.PrivateZone(
            name,
            private_zone_name=name,
            resource_group_name=self.stack.group.name,
            location="global",
            tags=self.stack.settings.tags,
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True, hooks=retry_hooks()),
        )
        privatedns.VirtualNetworkLink(
            f"{name}-link",
            virtual_network_link_name="network",
            private_zone_name=zone.name,
            resource_group_name=self.stack.group.name,
            location="global",
            registration_enabled=False,
            virtual_network=privatedns.SubResourceArgs(id=self.network.network.id),
            tags=self.stack.settings.tags,
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True, hooks=retry_hooks()),
        )
        return zone

    def _endpoint(self, target: PrivateLinkTarget) -> None:
        endpoint = network.PrivateEndpoint(
            target.name,
            private_endpoint_name=target.name,
            resource_group_name=self.stack.group.name,
            location=self.stack.settings.location,
            subnet=network.SubnetArgs(id=self.network.subnet_id),
            private_link_service_connections=[
                network.PrivateLinkServiceConnectionArgs(
                    name=target.name, private_link_service_id=target.service.resource.id, group_ids=[target.group_id]
                )
            ],
            tags=self.stack.settings.tags,
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=[*target.service.after, *self.created],
                # Azure moves these to the DNS zone group below. After a refresh they would count as drift.
                ignore_changes=["customDnsConfigs"],
                # It connects to that one service, and not to a later one of the same name.
                replace_with=[target.service.resource],
                delete_before_replace=True,
                hooks=retry_hooks(),
            ),
        )
        self.created += [endpoint, self._zone_group(target, endpoint)]

    def _zone_group(self, target: PrivateLinkTarget, endpoint: network.PrivateEndpoint) -> network.PrivateDnsZoneGroup:
        return network.PrivateDnsZoneGroup(
            f"{target.name}-names",
            private_dns_zone_group_name="default",
            private_endpoint_name=endpoint.name,
            resource_group_name=self.stack.group.name,
            private_dns_zone_configs=[
                network.PrivateDnsZoneConfigArgs(name=zone.replace(".", "-"), private_dns_zone_id=self._zones[zone].id)
                for zone in target.zones
            ],
            # Deleted separately, before the zones: deleted with the endpoint, it would still name deleted zones.
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True, hooks=retry_hooks()),
        )


def private_link_targets(components: Components) -> list[PrivateLinkTarget]:
    """Return every private link target.

    Each endpoint waits until its service is complete: a server that is busy answers ServerIsBusy.
    """
    storage = components.storage
    server = Service("database", components.database.server, components.database.created)
    pictures = Service("pictures", storage.pictures, [storage.pictures_container])
    lake = Service("lake", storage.lake, [storage.lake_container])
    vault = Service("vault", components.vault.vault, components.vault.created)
    foundry = Service("foundry", components.foundry.account, components.foundry.created)
    postgres_zone, blob_zone = "privatelink.postgres.database.azure.com", "privatelink.blob.core.windows.net"
    targets = [
        PrivateLinkTarget(server, "postgresqlServer", (postgres_zone,), used_by_factory=True),
        PrivateLinkTarget(pictures, "blob", (blob_zone,), used_by_factory=True),
        PrivateLinkTarget(lake, "blob", (blob_zone,), used_by_factory=False),
        PrivateLinkTarget(lake, "dfs", ("privatelink.dfs.core.windows.net",), used_by_factory=True),
        PrivateLinkTarget(vault, "vault", ("privatelink.vaultcore.azure.net",), used_by_factory=True),
        PrivateLinkTarget(foundry, "account", FOUNDRY_ZONES, used_by_factory=False),
    ]
    if components.search:
        search, zone = Service("search", components.search.service), "privatelink.search.windows.net"
        targets.append(PrivateLinkTarget(search, "searchService", (zone,), used_by_factory=False))
    return targets
