"""Datasets: the table or the files that a reference names."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from azure.storage.blob import ContainerClient

from jobs.errors import ErrorKind, JobError
from jobs.pipeline.documents import Document
from jobs.pipeline.local_runner.expressions import ExpressionError
from jobs.pipeline.local_runner.linked_services import REFERENCE_SCHEMA, Services
from jobs.pipeline.local_runner.resolve import dataset_functions, resolve
from jobs.pipeline.parameters import parse_parameters
from jobs.pipeline.schema import Validator, anything, leaf, object_of, one_of, tagged, text
from jobs.storage.client import storage_service
from jobs.target import Target


@dataclass(frozen=True)
class Table:
    """A database and, where the dataset names one, a table in it as (schema, name) or (name,).

    `command_seconds` is commandTimeout, or None; 0 sets no limit.
    """

    url: str = field(repr=False)
    command_seconds: int | None
    name: tuple[str, ...]


@dataclass(frozen=True)
class Files:
    """A folder of a container, without slashes around it, or one file in it. `compression` is Parquet's."""

    target: Target
    account_url: str
    container: str
    folder: str
    file: str | None
    compression: str

    @contextmanager
    def open_container(self) -> Iterator[ContainerClient]:
        """The container, for the length of the block."""
        try:
            account = storage_service(self.target, self.account_url)
        except ValueError as error:
            message = f"{self.account_url!r} is not a storage account's URL ({error}): fix the linked service."
            raise JobError(message, ErrorKind.invalid) from error
        with account:
            yield account.get_container_client(self.container)

    def blob_name(self, name: str) -> str:
        """The blob's name for a file of the folder; "" gives the prefix of all their names."""
        return f"{self.folder}/{name}" if self.folder else name


def is_path(value: Any) -> bool:
    """Whether a value is a path inside its container."""
    return isinstance(value, str) and not {".", ".."} & set(value.split("/")) and "\\" not in value


path_text = leaf(is_path, "a path with forward slashes and without . and ..")
name_text = leaf(lambda value: is_path(value) and bool(value) and "/" not in value, "a name without slashes")
file_text = leaf(
    lambda value: is_path(value) and bool(value) and not {"/", "*", "?"} & set(value),
    "a name without slashes, * and ? (an activity's wildcardFileName has those)",
)
LOCATION_SCHEMAS: Mapping[str, Validator] = {
    "AzureBlobStorageLocation": object_of({"container": name_text}, {"folderPath": path_text, "fileName": file_text}),
    "AzureBlobFSLocation": object_of({"fileSystem": name_text}, {"folderPath": path_text, "fileName": file_text}),
}
SERVICE_TYPES = {"AzureBlobStorageLocation": "AzureBlobStorage", "AzureBlobFSLocation": "AzureBlobFS"}
TABLE_PROPERTIES = {"tableName": text, "schema": text, "table": text}
PARQUET_PROPERTIES = {"compressionCodec": one_of("none", "snappy", "gzip")}


def dataset_schema(properties: Validator) -> Validator:
    """The schema of a dataset with these typeProperties. A copy reads the columns from the data, not from `schema`."""
    optional = dict.fromkeys(("description", "annotations", "folder", "schema", "parameters"), anything)
    return object_of({"linkedServiceName": REFERENCE_SCHEMA, "typeProperties": properties}, optional)


DATASET_SCHEMA: Validator = tagged(
    {
        "AzurePostgreSqlTable": dataset_schema(object_of({}, TABLE_PROPERTIES)),
        "Parquet": dataset_schema(object_of({"location": tagged(LOCATION_SCHEMAS)}, PARQUET_PROPERTIES)),
        "Binary": dataset_schema(object_of({"location": tagged(LOCATION_SCHEMAS)})),
    }
)


def read_dataset(services: Services, reference: Mapping[str, Any], referrer: str, dataset_type: str) -> Document:
    """The dataset of a resolved reference, checked and with its own expressions resolved.

    Raises JobError when there is no dataset of this type, or it has properties that are not implemented.
    """
    document = services.documents.read_reference("dataset", reference["referenceName"], referrer)
    values = parse_parameters(document).bind_reference(reference.get("parameters", {}), referrer)
    functions = dataset_functions(values)
    try:
        properties = {
            key: resolve(value, functions, key) if key == "typeProperties" else value
            for key, value in document.properties.items()
        }
    except ExpressionError as error:
        raise JobError(f"{document.label}: {error}.", ErrorKind.invalid) from error
    document.validate(DATASET_SCHEMA, properties)
    if properties["type"] != dataset_type:
        raise JobError(
            f"{referrer}: it needs a dataset of type {dataset_type}, and {document.name} is of type "
            f"{properties['type']}: name another one.",
            ErrorKind.invalid,
        )
    return Document(document.name, document.label, properties)


def service_type(dataset: Document) -> str:
    """The type of linked service that a checked dataset needs."""
    location = dataset.properties["typeProperties"].get("location")
    return SERVICE_TYPES[location["type"]] if location else "AzurePostgreSql"


def prepare_table(services: Services, dataset: Document) -> Callable[[], Table]:
    """Check the dataset's linked service; a function that builds the table when all values are resolved."""
    url, seconds = services.postgres_connection(dataset.properties["linkedServiceName"], dataset.label)
    properties = dataset.properties["typeProperties"]
    return lambda: Table(url, seconds, table_name(properties))


def table_name(properties: Mapping[str, Any]) -> tuple[str, ...]:
    """(schema, table), from `tableName` as schema.table, or from `schema` and `table`; () where no table is named."""
    if "tableName" in properties:
        return tuple(properties["tableName"].split("."))
    return tuple(properties[key] for key in ("schema", "table") if key in properties)


def prepare_files(services: Services, dataset: Document) -> Callable[[], Files]:
    """Check the dataset's linked service; a function that builds the files when all values are resolved."""
    properties = dataset.properties["typeProperties"]
    location = properties["location"]
    account = services.storage_url(
        dataset.properties["linkedServiceName"], dataset.label, SERVICE_TYPES[location["type"]]
    )

    def build() -> Files:
        container = location["container" if "container" in location else "fileSystem"]
        folder = location.get("folderPath", "").strip("/")
        compression = properties.get("compressionCodec", "snappy")
        return Files(services.target, account, container, folder, location.get("fileName"), compression)

    return build
