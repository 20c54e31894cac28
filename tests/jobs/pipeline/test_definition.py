"""Pipelines whose document or dependencies are not valid."""

from typing import Any

import pytest

from jobs.errors import JobError
from jobs.pipeline.definition import parse_pipeline
from jobs.pipeline.documents import Document
from tests.jobs.pipeline.pipelines import BAD, OK, make_pipeline


@pytest.mark.parametrize(
    ("dependencies", "message"),
    [
        (
            {"a": {"absent": OK}},
            r"PL.json, activity a: it depends on absent, which does not exist: name an activity that exists \(a\)",
        ),
        ({"a": {"a": OK}}, r"adf/pipeline/PL.json: dependsOn leads in a circle \(a\)"),
        ({"a": {}, "b": {"c": OK}, "c": {"d": OK}, "d": {"b": BAD}}, r"in a circle \(b, c, d\)"),
        ({"a": {}, "b": {"a": ["Succeded"]}}, r"activity b: dependsOn.0.dependencyConditions.0 is 'Succeded'"),
        ({"a": {}, "b": {"a": []}}, r"activity b: dependsOn.0.dependencyConditions has to be a list of 1 or more"),
    ],
)
def test_wrong_dependencies(dependencies: dict[str, Any], message: str) -> None:
    with pytest.raises(JobError, match=message):
        make_pipeline(**dependencies)


@pytest.mark.parametrize(
    ("properties", "message"),
    [
        ({"activities": {}}, "activities has to be a list"),
        ({"activities": [1]}, "has to be an object"),
        ({"activities": [{"type": "Copy"}]}, "activity without a name: name is missing"),
        ({"activities": [{"name": "a"}]}, "activity a: type is missing"),
        ({"activities": [{"name": "a", "type": "Copy"}] * 2}, "has 2 activities a"),
        ({"activities": [{"name": name, "type": "Copy"} for name in ("a", "A")]}, "has 2 activities a, A"),
        (
            {"activities": [{"name": "a/b", "type": "Copy"}]},
            "activity a/b: Data Factory does not .*: write it without /",
        ),
        ({"activities": [{"name": "-a", "type": "Copy"}]}, "activity -a: .*: begin it with a letter, a digit or _"),
        ({"policy": {"cancelAfter": {"duration": "00:10:00"}}}, "policy.cancelAfter.duration is not implemented"),
        ({"variables": {"a": {"type": "Text"}}}, "variables.a.type is 'Text'"),
        ({"activities": [], "concurency": 1}, "concurency is not implemented"),
        ({"activities": [], "concurrency": 0}, "concurrency has to be a whole number above 0"),
    ],
)
def test_wrong_pipelines(properties: dict[str, Any], message: str) -> None:
    with pytest.raises(JobError, match=f"adf/pipeline/PL.json.*{message}"):
        parse_pipeline(Document("PL", "adf/pipeline/PL.json", properties))


def test_what_studio_writes_into_a_pipeline() -> None:
    properties = {
        "variables": {"unused": {"type": "String", "defaultValue": "x"}},
        "policy": {"elapsedTimeMetric": {}, "cancelAfter": {}},
        "lastPublishTime": "2026-01-01T00:00:00Z",
        "annotations": [],
        "folder": {"name": "x"},
    }
    assert parse_pipeline(Document("PL", "adf/pipeline/PL.json", properties)).activities == ()


def test_dependencies_are_found_in_any_letter_case() -> None:
    _, second = make_pipeline(First={}, second={"FIRST": OK, "first": BAD}).activities
    assert second.depends_on == {"First": frozenset({"Succeeded", "Failed"})}
    with pytest.raises(JobError, match=r"leads in a circle \(a\)"):
        make_pipeline(a={"A": OK})
