"""The Copy activity: check it, and say which copy it stands for."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from jobs.errors import JobError
from jobs.pipeline.documents import Document
from jobs.pipeline.local_runner import copy_files, copy_table
from jobs.pipeline.local_runner.attempts import Policy, Prepared, Work, seconds
from jobs.pipeline.local_runner.copy_files import AT_ONCE, FileCopy
from jobs.pipeline.local_runner.copy_rules import ANY_PAIR, DATASET_OF, READERS, RULES, WRITERS
from jobs.pipeline.local_runner.copy_table import TableCopy
from jobs.pipeline.local_runner.datasets import files, find, table
from jobs.pipeline.local_runner.expressions import ExpressionError, Functions
from jobs.pipeline.local_runner.linked_services import Services
from jobs.pipeline.local_runner.pipeline import Activity
from jobs.pipeline.local_runner.resolve import resolve
from jobs.pipeline.local_runner.table_rows import Query

EVALUATED = ("policy", "typeProperties", "inputs", "outputs", "userProperties")


@dataclass(frozen=True)
class CopySpec:
    """A checked copy: its typeProperties, and the datasets at both ends."""

    place: str
    given: Mapping[str, Any]
    source: Document
    sink: Document
    services: Services


def prepare(activity: Activity, services: Services, functions: Functions) -> Prepared:
    """Check the activity, its datasets and their linked services; what is returned gives its policy and its work.

    That can be asked when no value is still to come. Raises Failure for whatever is wrong or not implemented.
    """
    content = check_activity(activity, functions)
    given = content["typeProperties"]
    ends = CopySpec(
        activity.place,
        given,
        find(services, content["inputs"][0], activity.place, DATASET_OF[given["source"]["type"]]),
        find(services, content["outputs"][0], activity.place, DATASET_OF[given["sink"]["type"]]),
        services,
    )
    check_store(ends.place, given["source"], READERS, ends.source)
    check_store(ends.place, given["sink"], WRITERS, ends.sink)
    work = table_copy(ends) if given["source"]["type"] == "AzurePostgreSqlSource" else file_copy(ends)
    return lambda: (Policy.of(content.get("policy", {})), work())


def check_activity(activity: Activity, functions: Functions) -> dict[str, Any]:
    """The activity's document with its expressions resolved, of a shape that is implemented."""
    try:
        content = {
            key: resolve(value, functions, key) if key in EVALUATED else value
            for key, value in activity.content.items()
        }
    except ExpressionError as error:
        raise JobError(f"{activity.place}: {error}.") from error
    inside = f", activity {activity.name}"
    activity.document.follow(ANY_PAIR, content, inside)
    given = content["typeProperties"]
    pair = given["source"]["type"], given["sink"]["type"]
    if pair not in RULES:
        raise JobError(f"{activity.place}: a {pair[0]} cannot be copied to a {pair[1]}: change one of them.")
    activity.document.follow(RULES[pair], content, inside)
    return content


def check_store(place: str, end: Mapping[str, Any], kinds: Mapping[str, str], dataset: Document) -> None:
    """Raise Failure where the store settings of one end are not for the kind of place that its dataset names."""
    if "storeSettings" in end:
        store, location = end["storeSettings"]["type"], dataset.properties["typeProperties"]["location"]["type"]
        if kinds[store] != location:
            raise JobError(f"{place}: {store} does not fit the {location} of {dataset.name}: change one of them.")


def table_copy(ends: CopySpec) -> Callable[[], Work]:
    source, sink, given = table(ends.services, ends.source), files(ends.services, ends.sink), ends.given
    if "fileName" not in ends.sink.properties["typeProperties"]["location"]:
        raise JobError(f"{ends.sink.place}: the location has no fileName, and a ParquetSink needs one: add it.")
    if "query" not in given["source"] and not {"tableName", "table"} & ends.source.properties["typeProperties"].keys():
        raise JobError(f"{ends.place}: it has no query, and {ends.source.name} names no table: add one of them.")

    def work() -> Work:
        limit = seconds(given["source"].get("queryTimeout", "00:00:00"))
        query = Query(source(), given["source"].get("query"), limit)
        validate = given.get("validateDataConsistency", False)
        return partial(copy_table.copy_table, TableCopy(query, sink(), given.get("translator"), validate))

    return work


def file_copy(ends: CopySpec) -> Callable[[], Work]:
    source, sink, given = files(ends.services, ends.source), files(ends.services, ends.sink), ends.given
    if "fileName" in ends.sink.properties["typeProperties"]["location"]:
        raise JobError(f"{ends.sink.place}: a fileName at a BinarySink is not implemented: take it out.")

    def work() -> Work:
        settings, skip = given["source"]["storeSettings"], given.get("skipErrorFile")
        copy = FileCopy(
            source=source(),
            sink=sink(),
            recursive=settings.get("recursive", True),
            wildcard=settings.get("wildcardFileName"),
            flat=given["sink"]["storeSettings"].get("copyBehavior") == "FlattenHierarchy",
            at_once=given.get("parallelCopies", AT_ONCE),
            validate=given.get("validateDataConsistency", False),
            skip_missing=skip is not None and skip.get("fileMissing", True),  # true is Data Factory's default there
            skip_inconsistent=skip is not None and skip.get("dataInconsistency", False),
        )
        return partial(copy_files.copy_files, copy)

    return work
