"""Linked services: the server or storage account that a bound document names, and how to log in."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from jobs.errors import ErrorKind, JobError
from jobs.pipeline.documents import Document, Documents
from jobs.pipeline.names import find_name
from jobs.pipeline.schema import Validator, anything, non_negative, object_of, one_of, positive, tagged, text
from jobs.target import Target

REFERENCE_SCHEMA: Validator = object_of({"referenceName": text, "type": one_of("LinkedServiceReference")})
PASSWORD_SCHEMA: Validator = tagged({"AzureKeyVaultSecret": object_of({"store": REFERENCE_SCHEMA, "secretName": text})})
# Studio writes the name of Azure's own runtime. Another one is a machine with its own way to the service.
RUNTIME_SCHEMA: Validator = object_of(
    {"referenceName": one_of("AutoResolveIntegrationRuntime"), "type": one_of("IntegrationRuntimeReference")}
)
ABOUT_PROPERTIES: Mapping[str, Validator] = {
    "description": anything,
    "annotations": anything,
    "connectVia": RUNTIME_SCHEMA,
}
POSTGRES_SCHEMA: Validator = object_of(
    {"server": text, "port": positive, "database": text, "username": text, "password": PASSWORD_SCHEMA},
    # The target sets how TLS is used: the laptop's server has none, and Azure's linked service requires it.
    {"sslMode": non_negative, "commandTimeout": non_negative},
)


def service_schema(properties: Validator, **others: Validator) -> Validator:
    """The schema of a linked service with these typeProperties and these other keys."""
    return object_of({"typeProperties": properties, **others}, ABOUT_PROPERTIES)


SERVICE_SCHEMA: Validator = tagged(
    {
        "AzurePostgreSql": service_schema(POSTGRES_SCHEMA, version=one_of("2.0")),
        "AzureBlobStorage": service_schema(object_of({"serviceEndpoint": text}, {"accountKind": text})),
        "AzureBlobFS": service_schema(object_of({"url": text})),
        "AzureKeyVault": service_schema(object_of({"baseUrl": text})),
    }
)


@dataclass(frozen=True)
class Services:
    """The linked services of `documents`, with the target's values."""

    documents: Documents
    target: Target

    @property
    def secrets(self) -> Mapping[str, str]:
        """The key vault's secrets, by name. The laptop has no vault, and only these secrets."""
        return {
            "postgres-password": self.target.postgres_password,
            "postgres-reader-password": self.target.postgres_reader_password,
            "postgres-writer-password": self.target.postgres_writer_password,
        }

    def postgres_connection(self, reference: Mapping[str, Any], referrer: str) -> tuple[str, int | None]:
        """The libpq URL of an AzurePostgreSql service, and its commandTimeout in seconds; 0 sets no limit."""
        document = self.read_service(reference, referrer, "AzurePostgreSql")
        properties = document.properties["typeProperties"]
        target = replace(
            self.target,
            postgres_host=properties["server"],
            postgres_port=properties["port"],
            postgres_database=properties["database"],
            postgres_user=properties["username"],
        )
        url = target.postgres_url(self.read_secret(properties["password"], document))
        return url, properties.get("commandTimeout")

    def storage_url(self, reference: Mapping[str, Any], referrer: str, service_type: str) -> str:
        """The endpoint of an AzureBlobStorage or AzureBlobFS service."""
        properties = self.read_service(reference, referrer, service_type).properties["typeProperties"]
        return str(properties["serviceEndpoint" if service_type == "AzureBlobStorage" else "url"])

    def read_secret(self, password: Mapping[str, Any], document: Document) -> str:
        self.read_service(password["store"], document.label, "AzureKeyVault")
        name = password["secretName"]
        found = find_name(name, self.secrets)  # the vault does not distinguish letter case either
        if found is None:
            message = f"{document.label}: the vault has no secret {name}: use {', '.join(self.secrets)}."
            raise JobError(message, ErrorKind.not_found)
        return self.secrets[found]

    def read_service(self, reference: Mapping[str, Any], referrer: str, service_type: str) -> Document:
        """The document of a checked reference. Raises JobError when its type is not `service_type`."""
        document = self.documents.read_reference("linkedService", reference["referenceName"], referrer)
        document.validate(SERVICE_SCHEMA, document.properties)
        if document.properties["type"] != service_type:
            raise JobError(
                f"{referrer}: it needs a linked service of type {service_type}, and {document.name} is of type "
                f"{document.properties['type']}: name another one.",
                ErrorKind.invalid,
            )
        return document
