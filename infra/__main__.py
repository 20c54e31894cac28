"""The contents page: what exists on Azure, in the order in which it is made, and what the jobs are told of it."""

from typing import Any

import pulumi
import settings
from database import PORT, Database
from factory import Factory
from pulumi_azure_native import authorization, resources
from storage import Storage
from vault import Vault

chosen = settings.load()
client = authorization.get_client_config()

group = resources.ResourceGroup(
    "group", resource_group_name=chosen.resource_group, location=chosen.location, tags=chosen.tags
)
storage = Storage("storage", group=group, settings=chosen)
database = Database("database", group=group, settings=chosen, tenant_id=client.tenant_id)
vault = Vault("vault", group=group, settings=chosen, tenant_id=client.tenant_id, password=database.password)
factory = Factory("factory", group=group, settings=chosen)

# The contract with the jobs: the names are the fields of their Target, and one that is missing stops every job.
outputs: dict[str, Any] = {
    "subscription_id": client.subscription_id,
    "resource_group": group.name,
    "postgres_host": database.server.fully_qualified_domain_name,
    "postgres_port": PORT,
    "postgres_database": database.database.name,
    "postgres_user": chosen.postgres_user,
    "postgres_auth": "password",
    "postgres_password": pulumi.Output.secret(database.password),
    "postgres_sslmode": "verify-full",
    "pictures_url": storage.pictures.primary_endpoints.blob,
    "pictures_container": storage.pictures_container.name,
    "lake_url": storage.lake.primary_endpoints.blob,
    "lake_dfs_url": storage.lake.primary_endpoints.dfs,
    "lake_container": storage.lake_container.name,
    "storage_auth": "identity",
    "storage_key": "",
    "vault_url": vault.vault.properties.vault_uri,
    "factory_name": factory.factory.name,
    "pipeline_runner": "data_factory",
}
for name, value in outputs.items():
    pulumi.export(name, value)
