"""Parse a pipeline's document: its parameters, its activities, and which activity waits for which."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from jobs.errors import ErrorKind, JobError
from jobs.pipeline.documents import Document
from jobs.pipeline.names import describe_wrong_name, find_name, repeated_names
from jobs.pipeline.parameters import Parameters, parse_parameters
from jobs.pipeline.schema import (
    Validator,
    anything,
    describe_value,
    list_of,
    map_of,
    object_of,
    one_of,
    positive,
    text,
    timespan,
)

# The statuses that meet each condition. A skipped activity has not completed.
CONDITIONS = {
    "Succeeded": {"Succeeded"},
    "Failed": {"Failed"},
    "Skipped": {"Skipped"},
    "Completed": {"Succeeded", "Failed"},
}
# Variables that are declared and not used change nothing. The expression variables() is not implemented.
VARIABLES_SCHEMA: Validator = map_of(
    object_of({"type": one_of("String", "Boolean", "Bool", "Array", "Integer")}, {"defaultValue": anything})
)
# Studio writes empty ones. elapsedTimeMetric only reports, and cancelAfter would end a run.
POLICY_SCHEMA: Validator = object_of(
    {}, {"elapsedTimeMetric": object_of({}, {"duration": timespan}), "cancelAfter": object_of({})}
)
# `anything` is validated elsewhere, or has no meaning for a run.
PIPELINE_SCHEMA: Validator = object_of(
    {},
    {
        "activities": list_of(anything),
        "description": anything,
        "parameters": anything,
        # Data Factory queues the runs beyond this number. A local run is a command that somebody waits for.
        "concurrency": positive,
        "folder": anything,
        "annotations": anything,
        "lastPublishTime": anything,
        "variables": VARIABLES_SCHEMA,
        "policy": POLICY_SCHEMA,
    },
)
DEPENDENCY_SCHEMA: Validator = object_of(
    {"activity": text, "dependencyConditions": list_of(one_of(*CONDITIONS), min_items=1)}
)
COMMON_KEYS = ("name", "type", "dependsOn", "state", "onInactiveMarkAs")
# The keys of every activity. The others belong to its type, whose handler validates them.
ACTIVITY_SCHEMA: Validator = object_of(
    {"name": text, "type": text},
    {
        "dependsOn": list_of(DEPENDENCY_SCHEMA),
        "state": one_of("Active", "Inactive", who="Data Factory takes"),
        "onInactiveMarkAs": one_of("Succeeded", "Failed", "Skipped", who="Data Factory takes"),
    },
)


@dataclass(frozen=True)
class Activity:
    """One activity. `depends_on` has, for each activity to wait for, the statuses after which this one runs.

    An inactive activity is neither checked nor run: `marked_as` is the status that those after it see.
    https://learn.microsoft.com/azure/data-factory/deactivate-activity
    """

    document: Document
    name: str
    type: str
    depends_on: Mapping[str, frozenset[str]]
    content: Mapping[str, Any]
    marked_as: str | None = None

    @property
    def label(self) -> str:
        return f"{self.document.label}, activity {self.name}"


@dataclass(frozen=True)
class Pipeline:
    name: str
    parameters: Parameters
    activities: tuple[Activity, ...]

    def ancestors(self, activity: Activity) -> frozenset[str]:
        """The names of all activities that `activity` waits for, and of those that they wait for."""
        by_name = {each.name: each for each in self.activities}
        names: set[str] = set()
        remaining = list(activity.depends_on)
        while remaining:
            name = remaining.pop()
            if name not in names:
                names.add(name)
                remaining += by_name[name].depends_on
        return frozenset(names)


def parse_pipeline(document: Document) -> Pipeline:
    """The pipeline of a document. Raises JobError where it is not valid, or two activities have the same name."""
    document.validate(PIPELINE_SCHEMA, document.properties)
    parsed = [parse_activity(document, content) for content in document.properties.get("activities", [])]
    names = [each.name for each in parsed]
    if repeated := repeated_names(names):
        raise JobError(
            f"{document.label}: it has {len(repeated)} activities {', '.join(repeated)}: give each a name of its own.",
            ErrorKind.invalid,
        )
    activities = tuple(replace(each, depends_on=rename(each.depends_on, names)) for each in parsed)
    pipeline = Pipeline(document.name, parse_parameters(document), activities)
    check_dependencies(pipeline, document.label)
    return pipeline


def rename(depends_on: Mapping[str, frozenset[str]], names: Collection[str]) -> dict[str, frozenset[str]]:
    """The same dependencies, by the spelling of `names`. One that is not among them keeps its own."""
    renamed: dict[str, frozenset[str]] = {}
    for other, statuses in depends_on.items():
        name = find_name(other, names) or other
        renamed[name] = renamed.get(name, frozenset()) | statuses
    return renamed


def check_dependencies(pipeline: Pipeline, label: str) -> None:
    """Raise JobError where an activity depends on one that does not exist, or in the end on itself."""
    names = [each.name for each in pipeline.activities]
    for each in pipeline.activities:
        for other in each.depends_on:
            if other not in names:
                existing = ", ".join(names)
                raise JobError(
                    f"{each.label}: it depends on {other}, which does not exist: name an activity that exists "
                    f"({existing}).",
                    ErrorKind.invalid,
                )
    circle = [each.name for each in pipeline.activities if each.name in pipeline.ancestors(each)]
    if circle:
        raise JobError(
            f"{label}: dependsOn leads in a circle ({', '.join(circle)}): remove one of the dependencies.",
            ErrorKind.invalid,
        )


def parse_activity(document: Document, content: Any) -> Activity:
    if not isinstance(content, dict):
        raise JobError(
            f"{document.label}: an activity is {describe_value(content)}, and has to be an object: fix it.",
            ErrorKind.invalid,
        )
    common = {key: content[key] for key in COMMON_KEYS if key in content}
    document.validate(ACTIVITY_SCHEMA, common, f", activity {content.get('name', 'without a name')}")
    if (wrong := describe_wrong_name(content["name"], loose=True)) is not None:
        raise JobError(
            f"{document.label}, activity {content['name']}: Data Factory does not take its name: {wrong}.",
            ErrorKind.invalid,
        )
    depends_on: dict[str, frozenset[str]] = {}
    for dependency in content.get("dependsOn", []):
        other = dependency["activity"]
        statuses = [CONDITIONS[condition] for condition in dependency["dependencyConditions"]]
        depends_on[other] = depends_on.get(other, frozenset()).union(*statuses)
    inactive = content.get("state") == "Inactive"
    marked_as = content.get("onInactiveMarkAs", "Succeeded") if inactive else None
    return Activity(document, content["name"], content["type"], depends_on, content, marked_as)
