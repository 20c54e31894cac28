"""The program that Pulumi runs: it creates every Azure resource, in order, and exports what the jobs need."""

from typing import Any

import access
import pulumi
from budget import Budget
from database import PORT, READER, WRITER, Database, list_admins
from diagnostics import Diagnostics, diagnostic_targets
from documents import Documents, FactoryContext
from endpoints import Endpoints, private_link_targets
from factory import Factory
from foundry import PROJECT, Foundry, FoundryConnection
from machine_learning import MachineLearning
from managed_network import ManagedNetwork
from network import Network
from roles import Roles
from search import Search
from settings import load_settings
from stack import create_stack
from storage import Storage
from vault import Vault

settings = load_settings()
stack = create_stack(settings)
storage = Storage("storage", stack)
factory = Factory("factory", stack)
database = Database("database", stack, admins=list_admins(stack))
vault = Vault("vault", stack, passwords=database.passwords)
lake = FoundryConnection("lake", "ADLSGen2", storage.lake.primary_endpoints.dfs, storage.lake.id)
search = Search("search", stack) if settings.search != "none" else None
foundry = Foundry("foundry", stack, connections=[lake, search.connection] if search else [lake])
learning = MachineLearning("machine-learning", stack, vault_id=vault.vault.id) if settings.machine_learning else None
components = access.Components(
    storage=storage,
    vault=vault,
    factory=factory,
    database=database,
    foundry=foundry,
    search=search,
    machine_learning=learning,
)
Roles("roles", stack, grants=access.list_grants(stack, components))
runtime = None
if settings.private:
    targets = private_link_targets(components)
    endpoints = Endpoints("endpoints", stack, network=Network("network", stack), targets=targets)
    runtime = ManagedNetwork("managed-network", stack, factory=factory, targets=targets, after=endpoints).runtime
if settings.budget_emails:
    Budget("budget", stack)
if settings.diagnostics:
    Diagnostics("diagnostics", stack, targets=diagnostic_targets(components))


def secret_password(role: str) -> pulumi.Output[str] | str:
    """Return the password of a role of the database, marked as secret; empty with entraOnly."""
    return pulumi.Output.secret(database.passwords[role]) if database.passwords else ""


# The contract with the jobs: each name is a field of their Target. Without one of them every job stops.
outputs: dict[str, Any] = {
    "subscription_id": stack.deployer.subscription_id,
    "resource_group": stack.group.name,
    "postgres_host": database.server.fully_qualified_domain_name,
    "postgres_port": PORT,
    "postgres_database": database.database.name,
    "postgres_user": settings.entra_admin_name if settings.entra_only else settings.postgres_user,
    "postgres_auth": "entra" if settings.entra_only else "password",
    "postgres_password": secret_password("admin"),
    "postgres_reader_user": READER,
    "postgres_reader_password": secret_password(READER),
    "postgres_writer_user": WRITER,
    "postgres_writer_password": secret_password(WRITER),
    "postgres_sslmode": "verify-full",
    "pictures_url": storage.pictures.primary_endpoints.blob,
    "pictures_container": storage.pictures_container.name,
    "lake_url": storage.lake.primary_endpoints.blob,
    "lake_dfs_url": storage.lake.primary_endpoints.dfs,
    "lake_container": storage.lake_container.name,
    "storage_auth": "identity",
    "storage_key": "",
    "vault_name": vault.vault.name,
    "vault_location": settings.location,
    "vault_url": vault.vault.properties.vault_uri,
    "factory_name": factory.factory.name,
    "factory_principal_id": factory.principal_id,
    "foundry_account": foundry.account.name,
    "foundry_location": settings.ai_location,
    "foundry_project": PROJECT,
    "foundry_endpoint": foundry.account.properties.endpoint,
    "search_url": search.url if search else "",
    "pipeline_runner": "data_factory",
    "openai_url": foundry.openai_url,
    "project_url": foundry.project_url,
    "speech_url": foundry.speech_url,
    "ml_workspace": learning.workspace.name if learning else "",
    "ml_location": settings.ml_location if learning else "",
    "ml_compute": learning.cluster.name if learning else "",
    "ml_compute_size": settings.ml_compute_size if learning else "",
    "ml_identity_id": learning.identity.id if learning else "",
    "ml_identity_client_id": learning.identity.client_id if learning else "",
    "finetune_runner": "azure_ml" if learning else "none",
}
named = [storage.pictures_container, storage.lake_container, *vault.secrets.values()]
context = FactoryContext(stack, factory, runtime, after=named)
Documents("documents", context, values=outputs)  # their placeholders "${name}" are these outputs
for name, value in outputs.items():
    pulumi.export(name, value)
