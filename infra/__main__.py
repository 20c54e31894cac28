"""The contents page: what exists on Azure, in the order in which it is made, and what the jobs are told of it."""

from typing import Any

import access
import pulumi
import settings
from admins import admins
from budget import Budget
from connection import Connection
from database import PORT, Database
from deployer import deployer
from diagnostics import Diagnostics
from documents import Documents, Home
from endpoints import Endpoints
from factory import Factory
from foundry import PROJECT, Foundry
from managed_network import ManagedNetwork
from network import Network
from pulumi_azure_native import resources
from reached import reached
from roles import Roles
from search import Search
from storage import Storage
from vault import Vault
from watched import watched

chosen = settings.load()
me = deployer(chosen)

group = resources.ResourceGroup(
    "group", resource_group_name=chosen.resource_group, location=chosen.location, tags=chosen.tags
)
storage = Storage("storage", group=group, settings=chosen)
factory = Factory("factory", group=group, settings=chosen)
database = Database(
    "database", group=group, settings=chosen, tenant_id=me.tenant_id, admins=admins(chosen, me, factory)
)
vault = Vault("vault", group=group, settings=chosen, tenant_id=me.tenant_id, password=database.password)
lake = Connection("lake", "ADLSGen2", storage.lake.primary_endpoints.dfs, storage.lake.id)
search = Search("search", group=group, settings=chosen) if chosen.search != "none" else None
connections = [lake, search.connection] if search else [lake]
foundry = Foundry("foundry", group=group, settings=chosen, connections=connections)
parts = access.Parts(deployer=me, storage=storage, vault=vault, factory=factory, foundry=foundry, search=search)
Roles("roles", subscription_id=me.subscription_id, grants=access.grants(parts, chosen))
runtime = None
if chosen.private:
    doors = reached(parts, database)
    network = Network("network", group=group, settings=chosen)
    endpoints = Endpoints("endpoints", group=group, settings=chosen, network=network, doors=doors)
    managed = ManagedNetwork("managed-network", group=group, factory=factory, doors=doors, after=endpoints)
    runtime = managed.runtime
if chosen.budget_emails:
    Budget("budget", group=group, settings=chosen)
if chosen.diagnostics:
    Diagnostics("diagnostics", group=group, settings=chosen, watched=watched(parts, database))

# The contract with the jobs: the names are the fields of their Target, and one that is missing stops every job.
outputs: dict[str, Any] = {
    "subscription_id": me.subscription_id,
    "resource_group": group.name,
    "postgres_host": database.server.fully_qualified_domain_name,
    "postgres_port": PORT,
    "postgres_database": database.database.name,
    "postgres_user": chosen.entra_admin_name if chosen.entra_only else chosen.postgres_user,
    "postgres_auth": "entra" if chosen.entra_only else "password",
    "postgres_password": "" if database.password is None else pulumi.Output.secret(database.password),
    "postgres_sslmode": "verify-full",
    "pictures_url": storage.pictures.primary_endpoints.blob,
    "pictures_container": storage.pictures_container.name,
    "lake_url": storage.lake.primary_endpoints.blob,
    "lake_dfs_url": storage.lake.primary_endpoints.dfs,
    "lake_container": storage.lake_container.name,
    "storage_auth": "identity",
    "storage_key": "",
    "vault_name": vault.vault.name,
    "vault_location": chosen.location,
    "vault_url": vault.vault.properties.vault_uri,
    "factory_name": factory.factory.name,
    "foundry_account": foundry.account.name,
    "foundry_location": chosen.ai_location,
    "foundry_project": PROJECT,
    "foundry_endpoint": foundry.account.properties.endpoint,
    "search_url": search.url if search else "",
    "pipeline_runner": "data_factory",
}
named = [each for each in (storage.pictures_container, storage.lake_container, vault.secret) if each]
home = Home(group, factory.factory, runtime, after=named)
Documents("documents", home=home, settings=chosen, values=outputs)  # their "${name}" are these outputs
for name, value in outputs.items():
    pulumi.export(name, value)
