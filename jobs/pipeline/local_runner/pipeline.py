"""A pipeline as the runner sees it: its parameters, its activities, and who waits for whom."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jobs.errors import JobError
from jobs.pipeline.documents import Document
from jobs.pipeline.parameters import Parameters, declared
from jobs.pipeline.schema import Rule, anything, fields, items, one_of, positive, shown, text

# What each condition lets pass. An activity that was skipped has not completed.
CONDITIONS = {
    "Succeeded": {"Succeeded"},
    "Failed": {"Failed"},
    "Skipped": {"Skipped"},
    "Completed": {"Succeeded", "Failed"},
}
# What is `anything` here is looked at elsewhere, or is for people and has no meaning for a run.
PIPELINE: Rule = fields(
    {"activities": items(anything)},
    {
        "description": anything,
        "parameters": anything,
        # Data Factory queues the runs beyond this number. Here a run is a command, and somebody waits for it.
        "concurrency": positive,
        "folder": anything,
        "annotations": anything,
        "lastPublishTime": anything,
    },
)
DEPENDENCY: Rule = fields({"activity": text, "dependencyConditions": items(one_of(*CONDITIONS), least=1)})
# The keys that every activity has; the others belong to its type, and whoever handles the type looks at them.
ACTIVITY: Rule = fields({"name": text, "type": text}, {"dependsOn": items(DEPENDENCY)})


@dataclass(frozen=True)
class Activity:
    """One activity. `depends_on` has, for each activity to wait for, the outcomes that let this one run."""

    document: Document
    name: str
    type: str
    depends_on: Mapping[str, frozenset[str]]
    content: Mapping[str, Any]

    @property
    def place(self) -> str:
        return f"{self.document.place}, activity {self.name}"


@dataclass(frozen=True)
class Pipeline:
    name: str
    parameters: Parameters
    activities: tuple[Activity, ...]

    def before(self, activity: Activity) -> frozenset[str]:
        """The names of all activities that `activity` waits for, and of those that they wait for."""
        known = {each.name: each for each in self.activities}
        found: set[str] = set()
        ahead = list(activity.depends_on)
        while ahead:
            name = ahead.pop()
            if name not in found:
                found.add(name)
                ahead += known[name].depends_on
        return frozenset(found)


def parse_pipeline(document: Document) -> Pipeline:
    """The pipeline of a document. Raises Failure where that is none, or its activities cannot be told apart."""
    document.follow(PIPELINE, document.properties)
    activities = tuple(parse_activity(document, content) for content in document.properties["activities"])
    names = [each.name for each in activities]
    for name in names:
        if names.count(name) > 1:
            raise JobError(
                f"{document.place}: it has {names.count(name)} activities {name}, so give each a name of its own."
            )
    pipeline = Pipeline(document.name, declared(document), activities)
    check_dependencies(pipeline, document.place)
    return pipeline


def check_dependencies(pipeline: Pipeline, place: str) -> None:
    """Raise Failure where an activity waits for one that does not exist, or in the end for itself."""
    names = [each.name for each in pipeline.activities]
    for each in pipeline.activities:
        for other in each.depends_on:
            if other not in names:
                there = ", ".join(names)
                raise JobError(f"{each.place}: it depends on {other}, and there is none: name one there is ({there}).")
    circle = [each.name for each in pipeline.activities if each.name in pipeline.before(each)]
    if circle:
        raise JobError(f"{place}: dependsOn leads in a circle ({', '.join(circle)}): take one of them out.")


def parse_activity(document: Document, content: Any) -> Activity:
    if not isinstance(content, dict):
        raise JobError(f"{document.place}: an activity is {shown(content)}, and has to be an object: mend it.")
    common = {key: content[key] for key in ("name", "type", "dependsOn") if key in content}
    document.follow(ACTIVITY, common, f", activity {content.get('name', 'without a name')}")
    outcomes: dict[str, frozenset[str]] = {}
    for dependency in content.get("dependsOn", []):
        other = dependency["activity"]
        allowed = [CONDITIONS[condition] for condition in dependency["dependencyConditions"]]
        outcomes[other] = outcomes.get(other, frozenset()).union(*allowed)
    return Activity(document, content["name"], content["type"], outcomes, content)
