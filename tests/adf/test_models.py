"""The models of Azure's own client accept the documents of adf/: no unknown or missing key, no value out of range."""

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from azure.mgmt.datafactory import models

from jobs import PROJECT

RESOURCES = {
    "pipeline": models.PipelineResource,
    "dataset": models.DatasetResource,
    "linkedService": models.LinkedServiceResource,
    "trigger": models.TriggerResource,
}
DOCUMENTS = sorted((PROJECT / "adf").glob("*/*.json"))


def faults(kind: str, document: dict[str, Any]) -> list[str]:
    """Return the keys that the client's model does not know or misses, and the values that it does not allow."""
    model = RESOURCES[kind].deserialize(document)
    return [*wrong(model, ""), *lost(document, model.serialize(keep_readonly=True), "")]


def wrong(value: Any, path: str) -> Iterator[str]:
    """Yield the faults of a model, at every depth."""
    if isinstance(value, list | dict):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from wrong(item, f"{path}.{key}")
    if not hasattr(value, "_attribute_map"):
        return
    if "_subtype_map" in vars(type(value)):  # an unknown type is read as the base class
        yield f"{path}: the type is unknown"
    yield from (f"{path}.{key}: unknown" for key in getattr(value, "additional_properties", None) or {})
    for name, attribute in value._attribute_map.items():
        rule, current = value._validation.get(name, {}), getattr(value, name)
        if rule.get("required") and current is None:
            yield f"{path}.{attribute['key']}: missing"
        if isinstance(current, int) and not rule.get("minimum", current) <= current <= rule.get("maximum", current):
            yield f"{path}.{attribute['key']}: out of range"
        if name != "additional_properties":
            yield from wrong(current, f"{path}.{attribute['key']}")


def lost(before: Any, after: Any, path: str) -> Iterator[str]:
    """Yield the keys that are lost when a document is read and written."""
    if isinstance(before, dict):
        for key, value in before.items():
            if not isinstance(after, dict) or key not in after:
                yield f"{path}.{key}: lost"
            else:
                yield from lost(value, after[key], f"{path}.{key}")
    if isinstance(before, list):
        for index, value in enumerate(before):
            yield from lost(value, after[index], f"{path}.{index}")


def read_document(name: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((PROJECT / "adf" / f"{name}.json").read_text(encoding="utf-8"))
    return document


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_the_clients_models_accept_every_document(path: Path) -> None:
    assert faults(path.parent.name, json.loads(path.read_text(encoding="utf-8"))) == []


def test_no_document_is_left_out() -> None:
    assert {path.parent.name for path in DOCUMENTS} == RESOURCES.keys()
    assert len(DOCUMENTS) == 10


REMOVED = object()
PIPELINE, COPY = "pipeline/PL_Migrar_Datos_FER", "properties.activities.0"


@pytest.mark.parametrize(
    ("name", "path", "value", "message"),
    [
        (PIPELINE, f"{COPY}.typeProperties.paralelCopies", 1, "paralelCopies"),
        (PIPELINE, f"{COPY}.typeProperties.source.partitionOption", "None", "partitionOption: unknown"),
        (PIPELINE, f"{COPY}.typeProperties.source", REMOVED, "typeProperties.source: missing"),
        (
            PIPELINE,
            f"{COPY}.typeProperties.source.type",
            "PostgresSource",
            "typeProperties.source: the type is unknown",
        ),
        (PIPELINE, f"{COPY}.type", "Coppy", "activities.0: the type is unknown"),
        (PIPELINE, f"{COPY}.name", REMOVED, "name: missing"),
        (PIPELINE, f"{COPY}.policy.retryIntervalInSeconds", 5, "retryIntervalInSeconds: out of range"),
        (PIPELINE, f"{COPY}.inputs.0.referenceName", REMOVED, "referenceName: missing"),
        (PIPELINE, "properties.concurrency", 0, "concurrency: out of range"),
        (PIPELINE, "properties.concurency", 1, "concurency: lost"),
        (PIPELINE, "properties.parameters.prefijoRuta.type", REMOVED, "type: missing"),
        ("dataset/DS_Images_Source", "properties.linkedServiceName", REMOVED, "linkedServiceName: missing"),
        ("dataset/DS_Images_Source", "properties.typeProperties.location.fileNmae", "x", "fileNmae: unknown"),
        ("linkedService/LS_PostgreSQL_FER", "properties.typeProperties.authenticationType", "x", "authenticationType"),
        (
            "linkedService/LS_PostgreSQL_FER",
            "properties.typeProperties.password.secretName",
            REMOVED,
            "secretName: missing",
        ),
        ("trigger/TR_Diario_FER", "properties.typeProperties.recurrence", REMOVED, "recurrence: missing"),
    ],
)
def test_a_planted_fault_is_found(name: str, path: str, value: Any, message: str) -> None:
    document = copy.deepcopy(read_document(name))
    node: Any = document
    *steps, last = path.split(".")
    for step in steps:
        node = node[int(step)] if isinstance(node, list) else node[step]
    if value is REMOVED:
        del node[last]
    else:
        node[last] = value
    assert any(message in fault for fault in faults(name.partition("/")[0], document))
