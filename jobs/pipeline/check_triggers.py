"""Check the triggers that start a pipeline: Data Factory refuses a trigger that is not valid."""

from collections.abc import Iterator, Mapping
from typing import Any

from jobs.pipeline.definition import parse_pipeline
from jobs.pipeline.documents import Document, Documents
from jobs.pipeline.parameters import parse_parameters
from jobs.pipeline.schema import UNRESOLVED
from jobs.pipeline.trigger_schema import TRIGGER_SCHEMA


def check_triggers(documents: Documents, pipeline: str) -> None:
    """Check all triggers that start `pipeline`. Raises JobError for the first problem."""
    for name in documents.list_names("trigger"):
        trigger = documents.read("trigger", name)
        names = [starts["pipelineReference"]["referenceName"] for starts in started_pipelines(trigger.properties)]
        if pipeline.casefold() in (each.casefold() for each in names):
            check_trigger(documents, trigger)


def started_pipelines(properties: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The references to pipelines of a trigger that may not be valid."""
    pipelines = properties.get("pipelines")
    for starts in [*(pipelines if isinstance(pipelines, list) else []), properties.get("pipeline")]:
        reference = starts.get("pipelineReference") if isinstance(starts, dict) else None
        if isinstance(reference, dict) and isinstance(reference.get("referenceName"), str):
            yield starts


def check_trigger(documents: Documents, trigger: Document) -> None:
    """Check one trigger, and the parameters that it gives to its pipelines. Raises JobError."""
    trigger.validate(TRIGGER_SCHEMA, trigger.properties)
    for starts in started_pipelines(trigger.properties):
        document = documents.read_reference("pipeline", starts["pipelineReference"]["referenceName"], trigger.label)
        parse_pipeline(document)
        values = {name: UNRESOLVED if is_expression(value) else value for name, value in given(starts).items()}
        parse_parameters(document).bind_reference(values, trigger.label)


def given(starts: Mapping[str, Any]) -> Mapping[str, Any]:
    parameters: Mapping[str, Any] = starts.get("parameters", {})
    return parameters


def is_expression(value: Any) -> bool:
    """Whether a value is known only when the trigger fires, such as @trigger().scheduledTime."""
    return (isinstance(value, str) and value.startswith("@")) or (
        isinstance(value, dict) and value.get("type") == "Expression"
    )
