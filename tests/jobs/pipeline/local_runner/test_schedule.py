"""Results of pipelines by Data Factory's rules: try/catch, do-if-else, skipped activities, and parallel ones."""

from threading import Barrier, Event
from typing import Any

import pytest

from jobs.pipeline.definition import Activity, Pipeline
from jobs.pipeline.local_runner import schedule
from jobs.pipeline.local_runner.schedule import Done
from jobs.pipeline.results import ActivityRun
from tests.jobs.pipeline.pipelines import BAD, END, OK, SKIP, make_pipeline


def statuses(pipeline: Pipeline, *failing: str) -> dict[str, str]:
    def execute(activity: Activity, done: Done) -> ActivityRun:
        return ActivityRun(activity.name, "Failed" if activity.name in failing else "Succeeded", {}, "why", 1, 0.0)

    done = schedule.run_activities(pipeline, execute, Event())
    failed = [each.name for each in schedule.failed_activities(pipeline, done)]
    return {name: each.status for name, each in done.items()} | {"pipeline": ",".join(failed) or "Succeeded"}


@pytest.mark.parametrize(
    ("dependencies", "failing", "expected"),
    [
        ({}, "", {"pipeline": "Succeeded"}),
        ({"a": {}, "b": {}}, "a", {"a": "Failed", "b": "Succeeded", "pipeline": "a"}),
        # in a row: activities after a failed one are skipped, and the failure counts
        (
            {"a": {}, "b": {"a": OK}, "c": {"b": OK}},
            "a",
            {"a": "Failed", "b": "Skipped", "c": "Skipped", "pipeline": "a"},
        ),
        # try/catch: a failure that is handled does not count
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
def test_outcomes(dependencies: dict[str, Any], failing: str, expected: dict[str, str]) -> None:
    assert statuses(make_pipeline(**dependencies), *failing) == expected


def test_independent_activities_run_in_parallel() -> None:
    together = Barrier(3, timeout=20)

    def execute(activity: Activity, done: Done) -> ActivityRun:
        together.wait()  # raises unless all three get here while none has ended
        return ActivityRun(activity.name, "Succeeded", {}, None, 1, 0.0)

    assert len(schedule.run_activities(make_pipeline(a={}, b={}, c={}), execute, Event())) == 3


def test_an_activity_gets_the_outputs_of_those_before_it() -> None:
    seen = {}

    def execute(activity: Activity, done: Done) -> ActivityRun:
        seen[activity.name] = {name: each.output for name, each in done.items()}
        return ActivityRun(activity.name, "Succeeded", {"rows": activity.name}, None, 1, 0.0)

    schedule.run_activities(make_pipeline(a={}, b={"a": OK}), execute, Event())
    assert seen == {"a": {}, "b": {"a": {"rows": "a"}}}


def test_an_exception_in_one_activity_stops_the_others() -> None:
    stop = Event()

    def execute(activity: Activity, done: Done) -> ActivityRun:
        if activity.name == "a":
            raise KeyboardInterrupt
        assert stop.wait(20)
        return ActivityRun(activity.name, "Failed", {}, "stopped", 1, 0.0)

    with pytest.raises(KeyboardInterrupt):
        schedule.run_activities(make_pipeline(a={}, b={}), execute, stop)
    assert stop.is_set()
