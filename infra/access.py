"""Which identity gets which role on which resource."""

from dataclasses import dataclass

from database import READER as READER_ROLE
from database import Database
from factory import Factory
from foundry import Foundry
from machine_learning import MachineLearning
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
    machine_learning: MachineLearning | None


def list_grants(stack: Stack, components: Components) -> list[Grant]:
    """Return every role assignment of the stack. The deployer's are left out when `grantDeployer` is false."""
    deployer = Principal("deployer", stack.deployer.object_id, stack.deployer.type)
    people = deployer_grants(deployer, components) if stack.settings.grant_deployer else []
    return service_grants(components) + people


def service_grants(components: Components) -> list[Grant]:
    """Return the roles of the factory's and the project's own identities."""
    pictures, lake, _, _ = scopes(components)
    factory = Principal("factory", components.factory.principal_id, "ServicePrincipal")
    project = Principal("project", components.foundry.principal_id, "ServicePrincipal")
    return [
        Grant(factory, READER, pictures),
        Grant(factory, WRITER, lake),
        *secret_grants(factory, components),
        Grant(project, READER, lake),  # agents read the lake; who writes it decides what `search` finds
        *index_grants(project, components),
        *training_grants(components),
    ]


def secret_grants(factory: Principal, components: Components) -> list[Grant]:
    """Return the factory's role on the one password that it logs in with, not on the vault with the administrator's."""
    secrets = components.vault.secrets
    scope = [Scope("vault", secrets[READER_ROLE].id)] if READER_ROLE in secrets else []
    return [Grant(factory, "Key Vault Secrets User", each) for each in scope]


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
        *trainer_grants(deployer, components),
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


def training_grants(components: Components) -> list[Grant]:
    """Return the roles of the identity of jobs and endpoint, and what the workspace's own one needs on the vault.

    Azure itself gives the workspace's identity its roles on account and registry, and the same role twice is refused.
    """
    learning = components.machine_learning
    if learning is None:
        return []
    runner = Principal("mlidentity", learning.identity.principal_id, "ServicePrincipal")
    workspace = Principal("mlworkspace", learning.principal_id, "ServicePrincipal")
    return [
        Grant(runner, WRITER, Scope("mlaccount", learning.account.id)),  # a reader cannot write a job's outputs
        Grant(runner, "AcrPull", Scope("mlregistry", learning.registry.id)),
        Grant(runner, "AzureML Data Scientist", Scope("mlworkspace", learning.workspace.id)),
        Grant(workspace, "Key Vault Secrets Officer", scopes(components)[2]),
    ]


def trainer_grants(deployer: Principal, components: Components) -> list[Grant]:
    """Return the roles of who trains, deploys and connects: no role on the group.

    An endpoint gets its identity from who may operate it. Azure AI Project Manager is the least role that writes a
    project's connections: https://learn.microsoft.com/azure/ai-foundry/concepts/rbac-ai-foundry
    """
    learning, foundry = components.machine_learning, components.foundry
    if learning is None:
        return []
    return [
        Grant(deployer, WRITER, Scope("mlaccount", learning.account.id)),
        Grant(deployer, "AzureML Data Scientist", Scope("mlworkspace", learning.workspace.id)),
        Grant(deployer, "Managed Identity Operator", Scope("mlidentity", learning.identity.id)),
        Grant(deployer, "Azure AI Project Manager", Scope("project", foundry.project.id, foundry.created)),
    ]
