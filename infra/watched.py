"""What Log Analytics hears of."""

import pulumi
from access import Parts
from database import Database
from roles import Scope


def watched(parts: Parts, database: Database) -> dict[str, Scope]:
    """Every service that has logs. A storage account's are those of its blob service."""
    pictures, lake = parts.storage.pictures, parts.storage.lake
    blobs = {each: pulumi.Output.concat(each.id, "/blobServices/default") for each in (pictures, lake)}
    return {
        "database": Scope("database", database.server.id, database.made),
        "pictures": Scope("pictures", blobs[pictures], [parts.storage.pictures_container]),
        "lake": Scope("lake", blobs[lake], [parts.storage.lake_container]),
        "vault": Scope("vault", parts.vault.vault.id),
        "factory": Scope("factory", parts.factory.factory.id),
        "foundry": Scope("foundry", parts.foundry.account.id, parts.foundry.made),
    }
