"""The Copy activity: check it, and prepare its copy, of a table or of files."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from jobs.errors import ErrorKind, JobError
from jobs.pipeline.definition import Activity
from jobs.pipeline.documents import Document
from jobs.pipeline.local_runner import copy_files, copy_table
from jobs.pipeline.local_runner.attempts import Attempt, BuildWork, Policy, Work, parse_timespan
from jobs.pipeline.local_runner.copy_files import DEFAULT_PARALLEL_COPIES, FileCopy
from jobs.pipeline.local_runner.copy_schema import (
    ANY_COPY_SCHEMA,
    COPY_SCHEMAS,
    DATASET_TYPES,
    READ_SETTINGS,
    WRITE_SETTINGS,
)
from jobs.pipeline.local_runner.copy_table import TableCopy
from jobs.pipeline.local_runner.datasets import prepare_files, prepare_table, read_dataset, service_type
from jobs.pipeline.local_runner.expressions import ExpressionError, Functions
from jobs.pipeline.local_runner.linked_services import Services
from jobs.pipeline.local_runner.metrics import Route
from jobs.pipeline.local_runner.resolve import resolve
from jobs.pipeline.local_runner.table_rows import Query

EVALUATED = ("policy", "typeProperties", "inputs", "outputs", "userProperties")


@dataclass(frozen=True)
class CopySpec:
    """A checked copy: its typeProperties, and its datasets. `label` names the activity in messages."""

    label: str
    properties: Mapping[str, Any]
    source: Document
    sink: Document
    services: Services


def prepare_copy(activity: Activity, services: Services, functions: Functions) -> BuildWork:
    """Check the activity, its datasets and their linked services; the function that builds its policy and its work.

    Call that one when all values are resolved. Raises JobError for everything that is wrong or not implemented.
    """
    content = check_activity(activity, functions)
    properties = content["typeProperties"]
    spec = CopySpec(
        activity.label,
        properties,
        read_dataset(services, content["inputs"][0], activity.label, DATASET_TYPES[properties["source"]["type"]]),
        read_dataset(services, content["outputs"][0], activity.label, DATASET_TYPES[properties["sink"]["type"]]),
        services,
    )
    check_store(spec.label, properties["source"], READ_SETTINGS, spec.source)
    check_store(spec.label, properties["sink"], WRITE_SETTINGS, spec.sink)
    work = (
        prepare_table_copy(spec) if properties["source"]["type"] == "AzurePostgreSqlSource" else prepare_file_copy(spec)
    )
    route = Route(service_type(spec.source), service_type(spec.sink), properties.get("dataIntegrationUnits"))
    return lambda: (Policy.from_properties(content.get("policy", {})), add_details(route, work()))


def add_details(route: Route, work: Work) -> Work:
    """The same work, with an output that says where and when it was done."""

    def detailed(attempt: Attempt) -> dict[str, Any]:
        started = datetime.now(UTC)
        return route.add_details(work(attempt), started)

    return detailed


def check_activity(activity: Activity, functions: Functions) -> dict[str, Any]:
    """The activity's document with its expressions resolved. Raises JobError where it is not implemented."""
    try:
        content = {
            key: resolve(value, functions, key) if key in EVALUATED else value
            for key, value in activity.content.items()
        }
    except ExpressionError as error:
        raise JobError(f"{activity.label}: {error}.", ErrorKind.invalid) from error
    inside = f", activity {activity.name}"
    activity.document.validate(ANY_COPY_SCHEMA, content, inside)
    properties = content["typeProperties"]
    pair = properties["source"]["type"], properties["sink"]["type"]
    if pair not in COPY_SCHEMAS:
        raise JobError(
            f"{activity.label}: a {pair[0]} cannot be copied to a {pair[1]}: change one of them.", ErrorKind.invalid
        )
    activity.document.validate(COPY_SCHEMAS[pair], content, inside)
    return content


def check_store(label: str, side: Mapping[str, Any], location_types: Mapping[str, str], dataset: Document) -> None:
    """Raise JobError where the store settings of a source or sink do not fit its dataset's type of location."""
    if "storeSettings" in side:
        store, location = side["storeSettings"]["type"], dataset.properties["typeProperties"]["location"]["type"]
        if location_types[store] != location:
            raise JobError(
                f"{label}: {store} does not fit the {location} of {dataset.name}: change one of them.",
                ErrorKind.invalid,
            )


def prepare_table_copy(spec: CopySpec) -> Callable[[], Work]:
    """Check a copy of a query's rows; the function that builds its work."""
    source, sink = prepare_table(spec.services, spec.source), prepare_files(spec.services, spec.sink)
    properties = spec.properties
    if "fileName" not in spec.sink.properties["typeProperties"]["location"]:
        raise JobError(
            f"{spec.sink.label}: the location has no fileName, and a ParquetSink needs one: add it.", ErrorKind.invalid
        )
    if (
        "query" not in properties["source"]
        and not {"tableName", "table"} & spec.source.properties["typeProperties"].keys()
    ):
        raise JobError(
            f"{spec.label}: it has no query, and {spec.source.name} names no table: add one of them.", ErrorKind.invalid
        )

    def work() -> Work:
        limit = properties["source"].get("queryTimeout")
        query = Query(source(), properties["source"].get("query"), None if limit is None else parse_timespan(limit))
        validate = properties.get("validateDataConsistency", False)
        return partial(copy_table.copy_table, TableCopy(query, sink(), properties.get("translator"), validate))

    return work


def count_parallel_copies(properties: Mapping[str, Any]) -> int:
    """How many files are copied at once: parallelCopies, and no more than both stores' maxConcurrentConnections."""
    stores = [properties[side].get("storeSettings", {}) for side in ("source", "sink")]
    limits = [store["maxConcurrentConnections"] for store in stores if "maxConcurrentConnections" in store]
    return int(min([properties.get("parallelCopies", DEFAULT_PARALLEL_COPIES), *limits]))


def prepare_file_copy(spec: CopySpec) -> Callable[[], Work]:
    """Check a copy of files; the function that builds its work."""
    source, sink = prepare_files(spec.services, spec.source), prepare_files(spec.services, spec.sink)
    properties = spec.properties
    if "fileName" in spec.sink.properties["typeProperties"]["location"]:
        raise JobError(
            f"{spec.sink.label}: a fileName at a BinarySink is not implemented: remove it.", ErrorKind.invalid
        )

    def work() -> Work:
        settings, skip = properties["source"]["storeSettings"], properties.get("skipErrorFile")
        copy = FileCopy(
            source=source(),
            sink=sink(),
            recursive=settings.get("recursive", True),
            wildcard=settings.get("wildcardFileName"),
            flat=properties["sink"]["storeSettings"].get("copyBehavior") == "FlattenHierarchy",
            preserve="Attributes" in properties.get("preserve", []),
            parallel_copies=count_parallel_copies(properties),
            validate=properties.get("validateDataConsistency", False),
            skip_missing=skip is not None and skip.get("fileMissing", True),  # Data Factory's default is true
            skip_inconsistent=skip is not None and skip.get("dataInconsistency", False),
        )
        return partial(copy_files.copy_files, copy)

    return work
