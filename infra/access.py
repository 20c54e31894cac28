"""Which identity gets which role on which resource."""

from dataclasses import dataclass

from database import Database
from factory import Factory
from foundry import Foundry
from roles import Grant, Principal, Scope
from search import Search
from stack import Stack
from storage import Storage
from vault import Vault

READER, WRITER = "Storage Blob Data Reader", "Storage Blob Data Contributor"
# Documents of an index, and the index itself
INDEX_ROLES = ("Search Index Data Contributor", "Search Service Contributor")


@dataclass(frozen=True, kw_only=True)
class Components:
    """The components that hold the stack's services."""

    storage: Storage
    vault: Vault
    factory: Factory
    database: Database
    foundry: Foundry
    search: Search | None


def list_grants(stack: Stack, components: Components) -> list[Grant]:
    """Return every role assignment of the stack. The deployer's are left out when `grantDeployer` is false."""
    deployer = Principal("deployer", stack.deployer.object_id, stack.deployer.type)
    people = deployer_grants(deployer, components) if stack.settings.grant_deployer else []
    return service_grants(components) + people


def service_grants(components: Components) -> list[Grant]:
    """Return the roles of the factory's and the project's own identities."""
    pictures, lake, vault, _ = scopes(components)
    factory = Principal("factory", components.factory.principal_id, "ServicePrincipal")
    project = Principal("project", components.foundry.principal_id, "ServicePrincipal")
    return [
        Grant(factory, READER, pictures),
        Grant(factory, WRITER, lake),
        Grant(factory, "Key Vault Secrets User", vault),
        Grant(project, WRITER, lake),
        *index_grants(project, components),
    ]


def deployer_grants(deployer: Principal, components: Components) -> list[Grant]:
    """Return the roles of the identity that deploys and then runs the jobs."""
    pictures, lake, vault, foundry = scopes(components)
    return [
        Grant(deployer, WRITER, pictures),
        Grant(deployer, WRITER, lake),
        Grant(deployer, "Key Vault Secrets Officer", vault),
        Grant(deployer, "Azure AI User", foundry),
        Grant(deployer, "Cognitive Services OpenAI User", foundry),
        Grant(deployer, "Cognitive Services Speech User", foundry),
        *index_grants(deployer, components),
    ]


def scopes(components: Components) -> tuple[Scope, Scope, Scope, Scope]:
    """Return the scopes of pictures, lake, vault and Foundry."""
    storage, foundry = components.storage, components.foundry
    return (
        Scope("pictures", storage.pictures.id, [storage.pictures_container]),
        Scope("lake", storage.lake.id, [storage.lake_container]),
        Scope("vault", components.vault.vault.id),
        Scope("foundry", foundry.account.id, foundry.created),
    )


def index_grants(principal: Principal, components: Components) -> list[Grant]:
    """Return the roles that write an index, where there is a search service."""
    if components.search is None:
        return []
    scope = Scope("search", components.search.service.id)
    return [Grant(principal, role, scope) for role in INDEX_ROLES]
