"""Azure AI Search, for an index of the vectors."""

import pulumi
from foundry import FoundryConnection
from pulumi_azure_native import search
from retries import retry_hooks
from stack import Stack


class Search(pulumi.ComponentResource):
    """A search service with one replica and without keys. Azure allows one `free` service for each subscription."""

    def __init__(self, name: str, stack: Stack) -> None:
        super().__init__("vector-lake:infra:Search", name)
        settings = stack.settings
        self.service = search.Service(
            "search",
            search_service_name=settings.search_service,
            resource_group_name=stack.group.name,
            location=settings.ai_location,
            sku=search.SkuArgs(name=search.SkuName(settings.search)),
            replica_count=1,
            partition_count=1,
            hosting_mode=search.HostingMode.DEFAULT,
            disable_local_auth=True,  # without auth_options: Azure refuses both together
            public_network_access="Disabled" if settings.private else "Enabled",
            tags=settings.tags,
            # Azure cannot change a free service into a basic one.
            opts=pulumi.ResourceOptions(
                parent=self, replace_on_changes=["sku"], delete_before_replace=True, hooks=retry_hooks()
            ),
        )
        self.url = pulumi.Output.concat("https://", self.service.name, ".search.windows.net")
        self.connection = FoundryConnection("search", "CognitiveSearch", self.url, self.service.id)
        self.register_outputs({})
