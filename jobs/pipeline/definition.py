"""Parse a pipeline's document: its parameters, its activities, and which activity waits for which."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jobs.errors import ErrorKind, JobError
from jobs.pipeline.documents import Document
from jobs.pipeline.parameters import Parameters, parse_parameters
from jobs.pipeline.schema import Validator, anything, describe_value, list_of, object_of, one_of, positive, text

# The statuses that meet each condition. A skipped activity has not completed.
CONDITIONS = {
    "Succeeded": {"Succeeded"},
    "Failed": {"Failed"},
    "Skipped": {"Skipped"},
    "Completed": {"Succeeded", "Failed"},
}
# `anything` is validated elsewhere, or has no meaning for a run.
PIPELINE_SCHEMA: Validator = object_of(
    {"activities": list_of(anything)},
    {
        "description": anything,
        "parameters": anything,
        # Data Factory queues the runs beyond this number. A local run is a command that somebody waits for.
        "concurrency": positive,
        "folder": anything,
        "annotations": anything,
        "lastPublishTime": anything,
    },
)
DEPENDENCY_SCHEMA: Validator = object_of(
    {"activity": text, "dependencyConditions": list_of(one_of(*CONDITIONS), min_items=1)}
)
# The keys of every activity. The others belong to its type, whose handler validates them.
ACTIVITY_SCHEMA: Validator = object_of({"name": text, "type": text}, {"dependsOn": list_of(DEPENDENCY_SCHEMA)})


@dataclass(frozen=True)
class Activity:
    """One activity. `depends_on` has, for each activity to wait for, the statuses after which this one runs."""

    document: Document
    name: str
    type: str
    depends_on: Mapping[str, frozenset[str]]
    content: Mapping[str, Any]

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
    activities = tuple(parse_activity(document, content) for content in document.properties["activities"])
    names = [each.name for each in activities]
    for name in names:
        if names.count(name) > 1:
            raise JobError(
                f"{document.label}: it has {names.count(name)} activities {name}: give each a name of its own.",
                ErrorKind.invalid,
            )
    pipeline = Pipeline(document.name, parse_parameters(document), activities)
    check_dependencies(pipeline, document.label)
    return pipeline


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
    common = {key: content[key] for key in ("name", "type", "dependsOn") if key in content}
    document.validate(ACTIVITY_SCHEMA, common, f", activity {content.get('name', 'without a name')}")
    depends_on: dict[str, frozenset[str]] = {}
    for dependency in content.get("dependsOn", []):
        other = dependency["activity"]
        statuses = [CONDITIONS[condition] for condition in dependency["dependencyConditions"]]
        depends_on[other] = depends_on.get(other, frozenset()).union(*statuses)
    return Activity(document, content["name"], content["type"], depends_on, content)
