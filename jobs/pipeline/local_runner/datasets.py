"""Datasets: which table or which files a reference means."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from azure.storage.blob import ContainerClient

from jobs.errors import JobError
from jobs.pipeline.documents import Document
from jobs.pipeline.local_runner.expressions import ExpressionError
from jobs.pipeline.local_runner.linked_services import REFERENCE, Services
from jobs.pipeline.local_runner.resolve import dataset_functions, resolve
from jobs.pipeline.parameters import declared
from jobs.pipeline.schema import Rule, anything, fields, one_of, tagged, text, value_of
from jobs.storage.client import storage_service
from jobs.target import Target


@dataclass(frozen=True)
class Table:
    """A database and, where the dataset names one, a table in it as (schema, name) or (name,)."""

    url: str = field(repr=False)
    command_seconds: int
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
    def opened(self) -> Iterator[ContainerClient]:
        """The container, for the length of the block."""
        try:
            account = storage_service(self.target, self.account_url)
        except ValueError as error:
            raise JobError(f"{self.account_url!r} is no storage account ({error}): mend the linked service.") from error
        with account:
            yield account.get_container_client(self.container)

    def path(self, below: str) -> str:
        """The name in the container of what lies below the folder; "" gives what all names there begin with."""
        return f"{self.folder}/{below}" if self.folder else below


def is_path(value: Any) -> bool:
    """Whether a text is a path that stays inside its container."""
    return isinstance(value, str) and not {".", ".."} & set(value.split("/")) and "\\" not in value


path = value_of(is_path, "a path with forward slashes and without . and ..")
name = value_of(lambda value: is_path(value) and bool(value) and "/" not in value, "a name without slashes")
LOCATIONS: Mapping[str, Rule] = {
    "AzureBlobStorageLocation": fields({"container": name}, {"folderPath": path, "fileName": name}),
    "AzureBlobFSLocation": fields({"fileSystem": name}, {"folderPath": path, "fileName": name}),
}
SERVICE_OF = {"AzureBlobStorageLocation": "AzureBlobStorage", "AzureBlobFSLocation": "AzureBlobFS"}
TABLE = {"tableName": text, "schema": text, "table": text}
PARQUET = {"compressionCodec": one_of("none", "snappy", "gzip")}


def dataset(properties: Rule) -> Rule:
    """A dataset with these typeProperties. Its schema is for people: a copy asks the data themselves."""
    about = dict.fromkeys(("description", "annotations", "folder", "schema", "parameters"), anything)
    return fields({"linkedServiceName": REFERENCE, "typeProperties": properties}, about)


DATASETS: Rule = tagged(
    {
        "AzurePostgreSqlTable": dataset(fields({}, TABLE)),
        "Parquet": dataset(fields({"location": tagged(LOCATIONS)}, PARQUET)),
        "Binary": dataset(fields({"location": tagged(LOCATIONS)})),
    }
)


def find(services: Services, reference: Mapping[str, Any], by: str, kind: str) -> Document:
    """The dataset of a reference whose own expressions are resolved, checked, with its expressions resolved too.

    Raises Failure when there is none of this kind, or it has what is not implemented.
    """
    document = services.documents.referenced("dataset", reference["referenceName"], by)
    values = declared(document).handed_over(reference.get("parameters", {}), by)
    functions = dataset_functions(values)
    try:
        properties = {
            key: resolve(value, functions, key) if key == "typeProperties" else value
            for key, value in document.properties.items()
        }
    except ExpressionError as error:
        raise JobError(f"{document.place}: {error}.") from error
    document.follow(DATASETS, properties)
    if properties["type"] != kind:
        raise JobError(f"{by}: it needs a dataset of type {kind}, and {document.name} is none: name another.")
    return Document(document.name, document.place, properties)


def table(services: Services, dataset: Document) -> Callable[[], Table]:
    """What gives the table, when every value of the dataset is there. Its linked service is checked now."""
    url, seconds = services.server(dataset.properties["linkedServiceName"], dataset.place)
    given = dataset.properties["typeProperties"]
    return lambda: Table(url, seconds, table_name(given))


def table_name(given: Mapping[str, Any]) -> tuple[str, ...]:
    """(schema, table), from `tableName` as schema.table, or from `schema` and `table`; () where there is no name."""
    if "tableName" in given:
        return tuple(given["tableName"].split("."))
    return tuple(given[key] for key in ("schema", "table") if key in given)


def files(services: Services, dataset: Document) -> Callable[[], Files]:
    """What gives the files, when every value of the dataset is there. Its linked service is checked now."""
    given = dataset.properties["typeProperties"]
    location = given["location"]
    account = services.account(dataset.properties["linkedServiceName"], dataset.place, SERVICE_OF[location["type"]])

    def found() -> Files:
        container = location["container" if "container" in location else "fileSystem"]
        folder = location.get("folderPath", "").strip("/")
        compression = given.get("compressionCodec", "snappy")
        return Files(services.target, account, container, folder, location.get("fileName"), compression)

    return found
