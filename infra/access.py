"""The table of grants: which identity gets which role where."""

from dataclasses import dataclass

from deployer import Deployer
from factory import Factory
from foundry import Foundry
from roles import Grant, Principal, Scope
from search import Search
from settings import Settings
from storage import Storage
from vault import Vault

READER, WRITER = "Storage Blob Data Reader", "Storage Blob Data Contributor"
INDEX = ("Search Index Data Contributor", "Search Service Contributor")  # rows of an index, and the index itself


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What the grants are about."""

    deployer: Deployer
    storage: Storage
    vault: Vault
    factory: Factory
    foundry: Foundry
    search: Search | None


def grants(parts: Parts, settings: Settings) -> list[Grant]:
    """Every grant of the stack; the deployer's are left out by a setting, for whoever has them from elsewhere."""
    pictures = Scope("pictures", parts.storage.pictures.id, [parts.storage.pictures_container])
    lake = Scope("lake", parts.storage.lake.id, [parts.storage.lake_container])
    vault = Scope("vault", parts.vault.vault.id)
    factory = Principal("factory", parts.factory.principal_id, "ServicePrincipal")
    deployer = Principal("deployer", parts.deployer.object_id, parts.deployer.type)
    project = Principal("project", parts.foundry.principal_id, "ServicePrincipal")
    foundry = Scope("foundry", parts.foundry.account.id, parts.foundry.made)
    services = [
        Grant(factory, READER, pictures),
        Grant(factory, WRITER, lake),
        Grant(factory, "Key Vault Secrets User", vault),
        Grant(project, WRITER, lake),
    ]
    people = [
        Grant(deployer, WRITER, pictures),
        Grant(deployer, WRITER, lake),
        Grant(deployer, "Key Vault Secrets Officer", vault),
        Grant(deployer, "Azure AI User", foundry),
        Grant(deployer, "Cognitive Services OpenAI User", foundry),
    ]
    if parts.search:
        index = Scope("search", parts.search.service.id)
        services += [Grant(project, role, index) for role in INDEX]
        people += [Grant(deployer, role, index) for role in INDEX]
    return services + (people if settings.grant_deployer else [])
