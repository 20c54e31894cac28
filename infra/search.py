"""Azure AI Search, for an index of the vectors beside the lake."""

import pulumi
from connection import Connection
from pulumi_azure_native import resources, search
from settings import Settings


class Search(pulumi.ComponentResource):
    """A search service of one replica, without keys. `free` is one for each subscription."""

    def __init__(self, name: str, *, group: resources.ResourceGroup, settings: Settings) -> None:
        super().__init__("vector-lake:infra:Search", name)
        self.service = search.Service(
            "search",
            search_service_name=settings.search_service,
            resource_group_name=group.name,
            location=settings.ai_location,
            sku=search.SkuArgs(name=search.SkuName(settings.search)),
            replica_count=1,
            partition_count=1,
            hosting_mode=search.HostingMode.DEFAULT,
            disable_local_auth=True,  # and then no auth_options: Azure refuses both together
            public_network_access="Disabled" if settings.private else "Enabled",
            tags=settings.tags,
            # Azure turns no free service into a basic one.
            opts=pulumi.ResourceOptions(parent=self, replace_on_changes=["sku"], delete_before_replace=True),
        )
        self.url = pulumi.Output.concat("https://", self.service.name, ".search.windows.net")
        self.connection = Connection("search", "CognitiveSearch", self.url, self.service.id)
        self.register_outputs({})
