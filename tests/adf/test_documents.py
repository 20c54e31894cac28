"""The documents of adf/ are consistent with each other and with the outputs of a stack."""

import copy
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import fields
from typing import Any, TypeAlias

import pytest

from jobs import PROJECT
from jobs.pipeline.trigger_schema import TRIGGER_SCHEMA
from jobs.target import Target

Documents: TypeAlias = dict[str, dict[str, Any]]  # "<kind>/<file stem>": content

FOLDERS = {"DatasetReference": "dataset", "LinkedServiceReference": "linkedService", "PipelineReference": "pipeline"}
OUTPUTS = {field.name for field in fields(Target)}
TIMESPAN = re.compile(r"(\d+\.)?([01]\d|2[0-3]):[0-5]\d:[0-5]\d")
TIMES = ("timeout", "queryTimeout")


def read_documents() -> Documents:
    paths = (PROJECT / "adf").glob("*/*.json")
    return {f"{path.parent.name}/{path.stem}": json.loads(path.read_text(encoding="utf-8")) for path in paths}


def nodes(node: Any, key: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every value in a document, with its key."""
    yield key, node
    for name, value in node.items() if isinstance(node, dict) else ():
        yield from nodes(value, name)
    for value in node if isinstance(node, list) else ():
        yield from nodes(value, key)


def names(documents: Documents) -> Iterator[str]:
    """Yield documents whose name is not that of their file."""
    yield from (path for path, document in documents.items() if document["name"] != path.partition("/")[2])


def references(documents: Documents) -> Iterator[str]:
    """Yield references to a missing document, or with parameters that it does not declare."""
    for path, document in documents.items():
        for _, node in nodes(document):
            name = node.get("referenceName") if isinstance(node, dict) else None
            if name is not None:
                target = documents.get(f"{FOLDERS.get(node['type'], '')}/{name}")
                declared = target["properties"].get("parameters", {}) if target else {}
                if target is None or node.get("parameters", {}).keys() - declared.keys():
                    yield f"{path}: {name}"


def parameters(documents: Documents) -> Iterator[str]:
    """Yield parameters in expressions that the document does not declare, and unknown parameter types."""
    kinds = {"String", "Int", "Float", "Bool", "Array", "Object"}
    for path, document in documents.items():
        declared = document["properties"].get("parameters", {})
        yield from (f"{path}: {name}" for name, each in declared.items() if each["type"] not in kinds)
        for _, node in nodes(document):
            if isinstance(node, dict) and node.get("type") == "Expression":
                used = re.findall(r"(?:pipeline\(\)\.parameters|dataset\(\))\.(\w+)", node["value"])
                yield from (f"{path}: {name}" for name in used if name not in declared)


def plain_expressions(documents: Documents) -> Iterator[str]:
    """Yield texts that look like expressions, but that Data Factory would not evaluate."""
    for path, document in documents.items():
        wrapped = [
            node["value"] for _, node in nodes(document) if isinstance(node, dict) and node.get("type") == "Expression"
        ]
        for key, node in nodes(document):
            if isinstance(node, str) and (node.startswith("@") or "@{" in node) and node not in wrapped:
                yield f"{path}: {key}"


def times(documents: Documents) -> Iterator[str]:
    """Yield times that are not in the format d.hh:mm:ss."""
    for path, document in documents.items():
        yield from (
            f"{path}: {key}" for key, node in nodes(document) if key in TIMES and not TIMESPAN.fullmatch(str(node))
        )


def placeholders(documents: Documents) -> Iterator[str]:
    """Yield placeholders that are not an output, not the whole text, or in a document where nothing replaces them."""
    for path, document in documents.items():
        for key, node in nodes(document):
            if isinstance(node, str) and "${" in node:
                name = re.fullmatch(r"\$\{(\w+)\}", node)
                if name is None or name[1] not in OUTPUTS or not path.startswith("linkedService/"):
                    yield f"{path}: {key}"


def paths(documents: Documents) -> Iterator[str]:
    """Yield the prefix of the file paths in the Parquet file, unless it is the folder that pictures are copied to."""
    properties = documents["dataset/DS_Lakehouse_Images"]["properties"]["typeProperties"]["location"]
    pipeline = documents["pipeline/PL_Migrar_Datos_FER"]["properties"]
    if (
        pipeline["parameters"]["prefijoRuta"]["defaultValue"]
        != f"{properties['fileSystem']}/{properties['folderPath']}/"
    ):
        yield "prefijoRuta"


def triggers(documents: Documents) -> Iterator[str]:
    """Yield triggers that would be started when they are deployed, and what Data Factory would refuse in them."""
    by_path = {path: each["properties"] for path, each in documents.items() if path.startswith("trigger/")}
    yield from (path for path, properties in by_path.items() if properties.get("runtimeState") != "Stopped")
    for path, properties in by_path.items():
        yield from (f"{path}: {key} {problem}" for key, problem in TRIGGER_SCHEMA(properties))


def attributes(documents: Documents) -> Iterator[str]:
    """Yield copies of files that would lose the content types of the pictures."""
    for path, document in documents.items():
        for activity in document["properties"].get("activities", []):
            properties = activity["typeProperties"]
            if properties["source"]["type"] == "BinarySource" and properties.get("preserve") != ["Attributes"]:
                yield f"{path}: {activity['name']}"


CHECKS = [names, references, parameters, plain_expressions, times, placeholders, paths, triggers, attributes]


@pytest.mark.parametrize("check", CHECKS)
def test_the_documents_are_consistent(check: Callable[[Documents], Iterator[str]]) -> None:
    assert list(check(read_documents())) == []


PIPELINE, COPY = "pipeline/PL_Migrar_Datos_FER", "properties.activities.0"
SOURCE, POSTGRES, TRIGGER = "dataset/DS_Images_Source", "linkedService/LS_PostgreSQL_FER", "trigger/TR_Diario_FER"
UNWRAPPED = "@{pipeline().parameters.prefijoRuta}"
WRONG = {"value": "@dataset().folder", "type": "Expression"}


@pytest.mark.parametrize(
    ("check", "document", "path", "value"),
    [
        (names, SOURCE, "name", "DS_Image_Source"),
        (references, PIPELINE, f"{COPY}.inputs.0.referenceName", "DS_Absent"),
        (references, PIPELINE, f"{COPY}.inputs.0.type", "LinkedServiceReference"),
        (references, PIPELINE, f"{COPY}.inputs.0.parameters", {"folder": "x"}),
        (references, SOURCE, "properties.linkedServiceName.referenceName", "LS_Absent"),
        (references, POSTGRES, "properties.typeProperties.password.store.referenceName", "LS_Absent"),
        (references, TRIGGER, "properties.pipelines.0.pipelineReference.referenceName", "PL_Absent"),
        (parameters, PIPELINE, "properties.parameters", {}),
        (parameters, PIPELINE, "properties.parameters.prefijoRuta.type", "Strng"),
        (parameters, SOURCE, "properties.typeProperties.location.folderPath", WRONG),
        (plain_expressions, PIPELINE, f"{COPY}.typeProperties.source.query", f"SELECT '{UNWRAPPED}'"),
        (plain_expressions, SOURCE, "properties.typeProperties.location.folderPath", "@dataset().folder"),
        (times, PIPELINE, f"{COPY}.policy.timeout", "1 hour"),
        (times, PIPELINE, f"{COPY}.typeProperties.source.queryTimeout", "00:99:00"),
        (placeholders, POSTGRES, "properties.typeProperties.server", "${postgres_hosts}"),
        (placeholders, POSTGRES, "properties.typeProperties.server", "db.${postgres_host}"),
        (placeholders, SOURCE, "properties.typeProperties.location.container", "${pictures_container}"),
        (paths, PIPELINE, "properties.parameters.prefijoRuta.defaultValue", "raw/imagenes/"),
        (triggers, TRIGGER, "properties.runtimeState", "Started"),
        (triggers, TRIGGER, "properties.typeProperties.recurrence.interval", 0),
        (triggers, TRIGGER, "properties.typeProperties.recurrence.timeZone", "Europe/Madrid"),
        (attributes, PIPELINE, "properties.activities.1.typeProperties.preserve", []),
    ],
)
def test_a_planted_fault_is_found(check: Callable[[Documents], Any], document: str, path: str, value: Any) -> None:
    documents = copy.deepcopy(read_documents())
    node: Any = documents[document]
    *steps, last = path.split(".")
    for step in steps:
        node = node[int(step)] if isinstance(node, list) else node[step]
    node[last] = value
    assert list(check(documents)) != []
