"""Pipelines of activities that depend on each other, without anything to copy."""

from jobs.pipeline.definition import Pipeline, parse_pipeline
from jobs.pipeline.documents import Document

OK, BAD, SKIP, END = ["Succeeded"], ["Failed"], ["Skipped"], ["Completed"]


def make_pipeline(**dependencies: dict[str, list[str]]) -> Pipeline:
    """Activities by name, each with the activities that it depends on and their dependencyConditions."""
    activities = [
        {
            "name": name,
            "type": "Copy",
            "dependsOn": [{"activity": other, "dependencyConditions": each} for other, each in conditions.items()],
        }
        for name, conditions in dependencies.items()
    ]
    return parse_pipeline(Document("PL", "adf/pipeline/PL.json", {"activities": activities}))
