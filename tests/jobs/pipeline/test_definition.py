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
def test_wrong_pipelines(properties: dict[str, Any], message: str) -> None:
    with pytest.raises(JobError, match=f"adf/pipeline/PL.json.*{message}"):
        parse_pipeline(Document("PL", "adf/pipeline/PL.json", properties))
