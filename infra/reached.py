"""What the private mode reaches without the internet."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from access import Parts
from database import Database

FOUNDRY_ZONES = (
    "privatelink.cognitiveservices.azure.com",
    "privatelink.openai.azure.com",
    "privatelink.services.ai.azure.com",
)


@dataclass(frozen=True)
class Service:
    """What has doors, and what has to be done to it before one is made."""

    name: str
    itself: pulumi.CustomResource
    after: Sequence[pulumi.Resource] = ()


@dataclass(frozen=True)
class Reached:
    """One door of one service: Azure's word for the door, and the zones that its addresses are told in.

    `by_factory` says whether Data Factory goes through it too.
    """

    service: Service
    door: str
    zones: Sequence[str]
    by_factory: bool

    @property
    def name(self) -> str:
        return f"{self.service.name}-{self.door}".lower()


def reached(parts: Parts, database: Database) -> list[Reached]:
    """Every door. Each waits for all that is done to its service: a server at work answers ServerIsBusy."""
    server = Service("database", database.server, database.made)
    pictures = Service("pictures", parts.storage.pictures, [parts.storage.pictures_container])
    lake = Service("lake", parts.storage.lake, [parts.storage.lake_container])
    vault = Service("vault", parts.vault.vault, parts.vault.made)
    foundry = Service("foundry", parts.foundry.account, parts.foundry.made)
    doors = [
        Reached(server, "postgresqlServer", ("privatelink.postgres.database.azure.com",), by_factory=True),
        Reached(pictures, "blob", ("privatelink.blob.core.windows.net",), by_factory=True),
        Reached(lake, "blob", ("privatelink.blob.core.windows.net",), by_factory=False),
        Reached(lake, "dfs", ("privatelink.dfs.core.windows.net",), by_factory=True),
        Reached(vault, "vault", ("privatelink.vaultcore.azure.net",), by_factory=True),
        Reached(foundry, "account", FOUNDRY_ZONES, by_factory=False),
    ]
    if parts.search:
        search = Service("search", parts.search.service)
        doors.append(Reached(search, "searchService", ("privatelink.search.windows.net",), by_factory=False))
    return doors
