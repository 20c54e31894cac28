"""What the private mode reaches without the internet."""

from collections.abc import Sequence
from dataclasses import dataclass

from access import Parts
from database import Database
from roles import Scope

FOUNDRY_ZONES = (
    "privatelink.cognitiveservices.azure.com",
    "privatelink.openai.azure.com",
    "privatelink.services.ai.azure.com",
)


@dataclass(frozen=True)
class Reached:
    """One door of one service: Azure's word for the door, and the zones that its addresses are told in.

    `by_factory` says whether Data Factory goes through it too.
    """

    scope: Scope
    door: str
    zones: Sequence[str]
    by_factory: bool

    @property
    def name(self) -> str:
        return f"{self.scope.name}-{self.door}".lower()


def reached(parts: Parts, database: Database) -> list[Reached]:
    """Every door. Each waits for all that is done to its service: a server at work answers ServerIsBusy."""
    server = Scope("database", database.server.id, database.made)
    pictures = Scope("pictures", parts.storage.pictures.id, [parts.storage.pictures_container])
    lake = Scope("lake", parts.storage.lake.id, [parts.storage.lake_container])
    vault = Scope("vault", parts.vault.vault.id)
    foundry = Scope("foundry", parts.foundry.account.id, parts.foundry.made)
    doors = [
        Reached(server, "postgresqlServer", ("privatelink.postgres.database.azure.com",), by_factory=True),
        Reached(pictures, "blob", ("privatelink.blob.core.windows.net",), by_factory=True),
        Reached(lake, "blob", ("privatelink.blob.core.windows.net",), by_factory=False),
        Reached(lake, "dfs", ("privatelink.dfs.core.windows.net",), by_factory=True),
        Reached(vault, "vault", ("privatelink.vaultcore.azure.net",), by_factory=True),
        Reached(foundry, "account", FOUNDRY_ZONES, by_factory=False),
    ]
    if parts.search:
        search = Scope("search", parts.search.service.id)
        doors.append(Reached(search, "searchService", ("privatelink.search.windows.net",), by_factory=False))
    return doors
