"""Outcomes of pipelines by Data Factory's rules: try/catch, do-if-else, skipping, and what runs side by side."""

from threading import Barrier, Event
from typing import Any

import pytest

from jobs.errors import JobError
from jobs.pipeline.documents import Document
from jobs.pipeline.local_runner import schedule
from jobs.pipeline.local_runner.pipeline import Activity, Pipeline, parse_pipeline
from jobs.pipeline.local_runner.schedule import Done
from jobs.pipeline.results import ActivityRun


def pipeline(**waits: dict[str, list[str]]) -> Pipeline:
    """Activities by name, each with the conditions on those it waits for."""
    activities = [
        {
            "name": name,
            "type": "Copy",
            "dependsOn": [{"activity": other, "dependencyConditions": each} for other, each in conditions.items()],
        }
        for name, conditions in waits.items()
    ]
    return parse_pipeline(Document("PL", "adf/pipeline/PL.json", {"activities": activities}))


def statuses(found: Pipeline, *failing: str) -> dict[str, str]:
    def execute(activity: Activity, done: Done) -> ActivityRun:
        return ActivityRun(activity.name, "Failed" if activity.name in failing else "Succeeded", {}, "why", 1, 0.0)

    done = schedule.run_activities(found, execute, Event())
    failed = [each.name for each in schedule.failures(found, done)]
    return {name: each.status for name, each in done.items()} | {"pipeline": ",".join(failed) or "Succeeded"}


OK, BAD, SKIP, END = ["Succeeded"], ["Failed"], ["Skipped"], ["Completed"]


@pytest.mark.parametrize(
    ("found", "failing", "expected"),
    [
        ({}, "", {"pipeline": "Succeeded"}),
        ({"a": {}, "b": {}}, "a", {"a": "Failed", "b": "Succeeded", "pipeline": "a"}),
        # in a row: what follows a failure is skipped, and the failure counts
        (
            {"a": {}, "b": {"a": OK}, "c": {"b": OK}},
            "a",
            {"a": "Failed", "b": "Skipped", "c": "Skipped", "pipeline": "a"},
        ),
        # try/catch: a failure that is dealt with is none
        ({"a": {}, "b": {"a": BAD}}, "a", {"a": "Failed", "b": "Succeeded", "pipeline": "Succeeded"}),
        ({"a": {}, "b": {"a": BAD}}, "", {"a": "Succeeded", "b": "Skipped", "pipeline": "Succeeded"}),
        # do-if-else: the skipped branch leads back to the failure
        (
            {"a": {}, "b": {"a": OK}, "c": {"a": BAD}},
            "a",
            {"a": "Failed", "b": "Skipped", "c": "Succeeded", "pipeline": "a"},
        ),
        # do-if-skip-else
        (
            {"a": {}, "b": {"a": OK}, "c": {"b": SKIP}},
            "a",
            {"a": "Failed", "b": "Skipped", "c": "Succeeded", "pipeline": "Succeeded"},
        ),
        ({"a": {}, "b": {"a": END}}, "a", {"a": "Failed", "b": "Succeeded", "pipeline": "Succeeded"}),
        # a skipped activity has not completed
        (
            {"a": {}, "b": {"a": BAD}, "c": {"b": END}},
            "",
            {"a": "Succeeded", "b": "Skipped", "c": "Skipped", "pipeline": "Succeeded"},
        ),
        # one of several outcomes of one activity, and all of several activities
        (
            {"a": {}, "b": {"a": BAD}, "c": {"b": [*OK, *SKIP]}},
            "",
            {"a": "Succeeded", "b": "Skipped", "c": "Succeeded", "pipeline": "Succeeded"},
        ),
        (
            {"a": {}, "b": {}, "c": {"a": OK, "b": OK}},
            "b",
            {"a": "Succeeded", "b": "Failed", "c": "Skipped", "pipeline": "b"},
        ),
        (
            {"c": {"b": OK}, "b": {"a": OK}, "a": {}},
            "c",
            {"a": "Succeeded", "b": "Succeeded", "c": "Failed", "pipeline": "c"},
        ),
    ],
)
def test_outcomes(found: dict[str, Any], failing: str, expected: dict[str, str]) -> None:
    assert statuses(pipeline(**found), *failing) == expected


def test_independent_activities_run_side_by_side() -> None:
    together = Barrier(3, timeout=20)

    def execute(activity: Activity, done: Done) -> ActivityRun:
        together.wait()  # raises unless all three get here while none has ended
        return ActivityRun(activity.name, "Succeeded", {}, None, 1, 0.0)

    assert len(schedule.run_activities(pipeline(a={}, b={}, c={}), execute, Event())) == 3


def test_an_activity_sees_what_those_before_it_gave_out() -> None:
    seen = {}

    def execute(activity: Activity, done: Done) -> ActivityRun:
        seen[activity.name] = {name: each.output for name, each in done.items()}
        return ActivityRun(activity.name, "Succeeded", {"rows": activity.name}, None, 1, 0.0)

    schedule.run_activities(pipeline(a={}, b={"a": OK}), execute, Event())
    assert seen == {"a": {}, "b": {"a": {"rows": "a"}}}


def test_what_breaks_a_run_stops_the_others() -> None:
    stop = Event()

    def execute(activity: Activity, done: Done) -> ActivityRun:
        if activity.name == "a":
            raise KeyboardInterrupt
        assert stop.wait(20)
        return ActivityRun(activity.name, "Failed", {}, "stopped", 1, 0.0)

    with pytest.raises(KeyboardInterrupt):
        schedule.run_activities(pipeline(a={}, b={}), execute, stop)
    assert stop.is_set()


@pytest.mark.parametrize(
    ("found", "told"),
    [
        (
            {"a": {"absent": OK}},
            r"adf/pipeline/PL.json, activity a: it depends on absent, and there is none: name one there is \(a\)",
        ),
        ({"a": {"a": OK}}, r"adf/pipeline/PL.json: dependsOn leads in a circle \(a\)"),
        ({"a": {}, "b": {"c": OK}, "c": {"d": OK}, "d": {"b": BAD}}, r"in a circle \(b, c, d\)"),
        ({"a": {}, "b": {"a": ["Succeded"]}}, r"activity b: dependsOn.0.dependencyConditions.0 is 'Succeded'"),
        ({"a": {}, "b": {"a": []}}, r"activity b: dependsOn.0.dependencyConditions has to be a list of 1 or more"),
    ],
)
def test_wrong_dependencies(found: dict[str, Any], told: str) -> None:
    with pytest.raises(JobError, match=told):
        pipeline(**found)


@pytest.mark.parametrize(
    ("properties", "told"),
    [
        ({}, "activities is missing"),
        ({"activities": {}}, "activities has to be a list"),
        ({"activities": [1]}, "has to be an object"),
        ({"activities": [{"type": "Copy"}]}, "activity without a name: name is missing"),
        ({"activities": [{"name": "a"}]}, "activity a: type is missing"),
        ({"activities": [{"name": "a", "type": "Copy"}] * 2}, "has 2 activities a"),
        ({"activities": [], "concurency": 1}, "concurency is not implemented"),
        ({"activities": [], "concurrency": 0}, "concurrency has to be a whole number above 0"),
    ],
)
def test_wrong_pipelines(properties: dict[str, Any], told: str) -> None:
    with pytest.raises(JobError, match=f"adf/pipeline/PL.json.*{told}"):
        parse_pipeline(Document("PL", "adf/pipeline/PL.json", properties))
