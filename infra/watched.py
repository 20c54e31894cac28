"""What Log Analytics hears of."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from access import Parts
from database import Database
from roles import Scope


@dataclass(frozen=True)
class Watched:
    """A service, and what Azure calls the groups of its figures."""

    scope: Scope
    figures: Sequence[str] = ("AllMetrics",)


def watched(parts: Parts, database: Database) -> list[Watched]:
    """Every service that has logs. A storage account's are those of its blob service."""
    found = [
        Watched(Scope("database", database.server.id, database.made)),
        blobs("pictures", parts.storage.pictures.id, parts.storage.pictures_container),
        blobs("lake", parts.storage.lake.id, parts.storage.lake_container),
        Watched(Scope("vault", parts.vault.vault.id, parts.vault.made)),
        Watched(Scope("factory", parts.factory.factory.id)),
        Watched(Scope("foundry", parts.foundry.account.id, parts.foundry.made)),
    ]
    return found + ([Watched(Scope("search", parts.search.service.id))] if parts.search else [])


def blobs(name: str, account_id: pulumi.Output[str], container: pulumi.Resource) -> Watched:
    """An account's blob service, which refuses AllMetrics: "supported categories are: Capacity;Transaction"."""
    return Watched(
        Scope(name, pulumi.Output.concat(account_id, "/blobServices/default"), [container]), ("Capacity", "Transaction")
    )
