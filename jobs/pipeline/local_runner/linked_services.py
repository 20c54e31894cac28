"""Linked services: which server or account a bound document means, and how to log in there."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from jobs.errors import JobError
from jobs.pipeline.documents import Document, Documents
from jobs.pipeline.schema import Rule, anything, count, fields, one_of, positive, tagged, text
from jobs.target import Target

REFERENCE: Rule = fields({"referenceName": text, "type": one_of("LinkedServiceReference")})
PASSWORD: Rule = tagged({"AzureKeyVaultSecret": fields({"store": REFERENCE, "secretName": text})})
ABOUT: Mapping[str, Rule] = {"description": anything, "annotations": anything}
POSTGRES: Rule = fields(
    {"server": text, "port": positive, "database": text, "username": text, "password": PASSWORD},
    # How TLS is done is the target's own word: the laptop's server speaks none, and Azure's linked service asks for it.
    {"sslMode": count, "commandTimeout": count},
)


def service(properties: Rule, **others: Rule) -> Rule:
    """A linked service with these typeProperties, and with these other keys."""
    return fields({"typeProperties": properties, **others}, ABOUT)


SERVICES: Rule = tagged(
    {
        "AzurePostgreSql": service(POSTGRES, version=one_of("2.0")),
        "AzureBlobStorage": service(fields({"serviceEndpoint": text}, {"accountKind": text})),
        "AzureBlobFS": service(fields({"url": text})),
        "AzureKeyVault": service(fields({"baseUrl": text})),
    }
)


@dataclass(frozen=True)
class Services:
    """The linked services of some documents, as the target has them."""

    documents: Documents
    target: Target

    @property
    def vault(self) -> Mapping[str, str]:
        """What the key vault holds, by the secrets' names: on a laptop there is no vault, and only this one secret."""
        return {"postgres-password": self.target.postgres_password}

    def server(self, reference: Mapping[str, Any], by: str) -> tuple[str, int]:
        """The libpq URL of an AzurePostgreSql service, and its commandTimeout in seconds (0: none)."""
        document = self.found(reference, by, "AzurePostgreSql")
        given = document.properties["typeProperties"]
        place = replace(
            self.target,
            postgres_host=given["server"],
            postgres_port=given["port"],
            postgres_database=given["database"],
            postgres_user=given["username"],
        )
        return place.postgres_url(self.secret(given["password"], document)), given.get("commandTimeout", 0)

    def account(self, reference: Mapping[str, Any], by: str, kind: str) -> str:
        """The Blob endpoint of an AzureBlobStorage or AzureBlobFS service."""
        given = self.found(reference, by, kind).properties["typeProperties"]
        return str(given["serviceEndpoint" if kind == "AzureBlobStorage" else "url"])

    def secret(self, password: Mapping[str, Any], document: Document) -> str:
        self.found(password["store"], document.place, "AzureKeyVault")
        name = password["secretName"]
        if name not in self.vault:
            raise JobError(f"{document.place}: the vault has no secret {name}: use {', '.join(self.vault)}.")
        return self.vault[name]

    def found(self, reference: Mapping[str, Any], by: str, kind: str) -> Document:
        """The document of a reference that has been checked. Raises Failure when it is none of that kind."""
        document = self.documents.referenced("linkedService", reference["referenceName"], by)
        document.follow(SERVICES, document.properties)
        if document.properties["type"] != kind:
            raise JobError(
                f"{by}: it needs a linked service of type {kind}, and {document.name} is none: name another."
            )
        return document
