"""The documents of adf/ against the models of Azure's own client: no key unknown or missing, no value out of range."""

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
    """What the client's model of a document does not know, misses, or does not allow."""
    model = RESOURCES[kind].deserialize(document)
    return [*wrong(model, ""), *lost(document, model.serialize(keep_readonly=True), "")]


def wrong(value: Any, path: str) -> Iterator[str]:
    """Faults of a model and of those in it."""
    if isinstance(value, list | dict):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from wrong(item, f"{path}.{key}")
    if not hasattr(value, "_attribute_map"):
        return
    if "_subtype_map" in vars(type(value)):  # a class with others below it is what an unknown type falls back to
        yield f"{path}: the type is unknown"
    yield from (f"{path}.{key}: unknown" for key in getattr(value, "additional_properties", None) or {})
    for name, attribute in value._attribute_map.items():
        rule, found = value._validation.get(name, {}), getattr(value, name)
        if rule.get("required") and found is None:
            yield f"{path}.{attribute['key']}: missing"
        if isinstance(found, int) and not rule.get("minimum", found) <= found <= rule.get("maximum", found):
            yield f"{path}.{attribute['key']}: out of range"
        if name != "additional_properties":
            yield from wrong(found, f"{path}.{attribute['key']}")


def lost(before: Any, after: Any, path: str) -> Iterator[str]:
    """Keys that do not come back."""
    if isinstance(before, dict):
        for key, value in before.items():
            if not isinstance(after, dict) or key not in after:
                yield f"{path}.{key}: lost"
            else:
                yield from lost(value, after[key], f"{path}.{key}")
    if isinstance(before, list):
        for at, value in enumerate(before):
            yield from lost(value, after[at], f"{path}.{at}")


def read(name: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((PROJECT / "adf" / f"{name}.json").read_text(encoding="utf-8"))
    return document


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_the_client_s_models_know_everything(path: Path) -> None:
    assert faults(path.parent.name, json.loads(path.read_text(encoding="utf-8"))) == []


def test_no_document_is_left_out() -> None:
    assert {path.parent.name for path in DOCUMENTS} == RESOURCES.keys()
    assert len(DOCUMENTS) == 10


PIPELINE, COPY = "pipeline/PL_Migrar_Datos_FER", "properties.activities.0"


@pytest.mark.parametrize(
    ("name", "path", "value", "told"),
    [
        (PIPELINE, f"{COPY}.typeProperties.paralelCopies", 1, "paralelCopies"),
        (PIPELINE, f"{COPY}.typeProperties.source.partitionOption", "None", "partitionOption: unknown"),
        (PIPELINE, f"{COPY}.typeProperties.source", ..., "typeProperties.source: missing"),
        (
            PIPELINE,
            f"{COPY}.typeProperties.source.type",
            "PostgresSource",
            "typeProperties.source: the type is unknown",
        ),
        (PIPELINE, f"{COPY}.type", "Coppy", "activities.0: the type is unknown"),
        (PIPELINE, f"{COPY}.name", ..., "name: missing"),
        (PIPELINE, f"{COPY}.policy.retryIntervalInSeconds", 5, "retryIntervalInSeconds: out of range"),
        (PIPELINE, f"{COPY}.inputs.0.referenceName", ..., "referenceName: missing"),
        (PIPELINE, "properties.concurrency", 0, "concurrency: out of range"),
        (PIPELINE, "properties.concurency", 1, "concurency: lost"),
        (PIPELINE, "properties.parameters.prefijoRuta.type", ..., "type: missing"),
        ("dataset/DS_Images_Source", "properties.linkedServiceName", ..., "linkedServiceName: missing"),
        ("dataset/DS_Images_Source", "properties.typeProperties.location.fileNmae", "x", "fileNmae: unknown"),
        ("linkedService/LS_PostgreSQL_FER", "properties.typeProperties.authenticationType", "x", "authenticationType"),
        (
            "linkedService/LS_PostgreSQL_FER",
            "properties.typeProperties.password.secretName",
            ...,
            "secretName: missing",
        ),
        ("trigger/TR_Diario_FER", "properties.typeProperties.recurrence", ..., "recurrence: missing"),
    ],
)
def test_a_planted_fault_is_found(name: str, path: str, value: Any, told: str) -> None:
    document = copy.deepcopy(read(name))
    node: Any = document
    *steps, last = path.split(".")
    for step in steps:
        node = node[int(step)] if isinstance(node, list) else node[step]
    if value is ...:
        del node[last]
    else:
        node[last] = value
    assert any(told in fault for fault in faults(name.partition("/")[0], document))
