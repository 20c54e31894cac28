"""azure-native knows every key in adf/. It silently drops an unknown key from the deployment.

The keys of a class come from a private module of Pulumi, so pulumi stays pinned.
"""

import copy
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_args, get_origin

import pytest
from pulumi._types import input_type_py_to_pulumi_names, input_type_types, is_input_type
from pulumi_azure_native import datafactory

from infra.adf_shape import hoist_type_properties
from jobs import PROJECT

DOCUMENTS = sorted((PROJECT / "adf").glob("*/*.json"))
SUFFIXES = {"dataset": "DatasetArgs", "linkedService": "LinkedServiceArgs", "trigger": "Args"}
# Azure reports it and it cannot be set: a trigger is deployed stopped.
READ_ONLY = {"trigger": {"runtimeState"}}


def dropped(kind: str, document: Mapping[str, Any]) -> list[str]:
    """Return the paths in a document that azure-native does not know."""
    properties = hoist_type_properties(document["properties"])
    name = "PipelineArgs" if kind == "pipeline" else f"{properties['type']}{SUFFIXES[kind]}"
    writable = {key: value for key, value in properties.items() if key not in READ_ONLY.get(kind, ())}
    return list(unknown(writable, getattr(datafactory, name), ""))


def unknown(node: Mapping[str, Any], arguments: type, path: str) -> Iterator[str]:
    """Yield the path of each key that the class of an object does not have, at every depth."""
    names, hints = {*input_type_py_to_pulumi_names(arguments).values()}, input_type_types(arguments)
    for key, value in node.items():
        if key in names:
            yield from below(value, hints[key], f"{path}.{key}")
        else:
            yield f"{path}.{key}"


def below(value: Any, hint: Any, path: str) -> Iterator[str]:
    """Yield the same for a value of a type. A type without classes allows any value."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from below(item, hint, f"{path}.{index}")
    choices = classes(hint)
    if not isinstance(value, dict) or not choices:
        return
    if get_origin(hint) in (Mapping, dict):
        for key, item in value.items():
            yield from unknown(item, *choices, f"{path}.{key}")
        return
    tags = [f"{value.get('type')}{suffix}" for suffix in ("Args", "ActivityArgs")]
    fitting = choices if len(choices) == 1 else {each for each in choices if each.__name__ in tags}
    if len(fitting) == 1:
        yield from unknown(value, *fitting, path)
    else:
        yield f"{path}: {value.get('type')!r}"


def classes(hint: Any) -> set[type]:
    """Return the classes of azure-native that a type is made of."""
    if is_input_type(hint):
        return {hint}
    return {each for part in get_args(hint) for each in classes(part)}


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_nothing_is_dropped(path: Path) -> None:
    assert dropped(path.parent.name, json.loads(path.read_text(encoding="utf-8"))) == []


PIPELINE, COPY = "pipeline/PL_Migrar_Datos_FER", "activities.0"


@pytest.mark.parametrize(
    ("name", "path", "expected"),
    [
        (PIPELINE, "concurency", ".concurency"),
        (PIPELINE, "parameters.prefijoRuta.default", ".parameters.prefijoRuta.default"),
        (PIPELINE, f"{COPY}.oops", ".activities.0.oops"),
        (PIPELINE, f"{COPY}.policy.retries", ".activities.0.policy.retries"),
        (PIPELINE, f"{COPY}.typeProperties.paralelCopies", ".activities.0.paralelCopies"),
        (PIPELINE, f"{COPY}.typeProperties.source.partitionOption", ".activities.0.source.partitionOption"),
        (PIPELINE, f"{COPY}.typeProperties.sink.storeSettings.x", ".activities.0.sink.storeSettings.x"),
        (PIPELINE, f"{COPY}.outputs.0.x", ".activities.0.outputs.0.x"),
        (
            PIPELINE,
            "activities.1.typeProperties.skipErrorFile.fileForbidden",
            ".activities.1.skipErrorFile.fileForbidden",
        ),
        (PIPELINE, f"{COPY}.type", ".activities.0: 1"),
        (PIPELINE, f"{COPY}.typeProperties.sink.type", ".activities.0.sink: 1"),
        ("dataset/DS_Images_Source", "typeProperties.location.fileNmae", ".location.fileNmae"),
        ("dataset/DS_Images_Source", "linkedServiceName.x", ".linkedServiceName.x"),
        ("linkedService/LS_PostgreSQL_FER", "typeProperties.authenticationType", ".authenticationType"),
        ("linkedService/LS_PostgreSQL_FER", "typeProperties.password.store.x", ".password.store.x"),
        ("trigger/TR_Diario_FER", "typeProperties.recurrence.x", ".recurrence.x"),
    ],
)
def test_a_planted_key_is_found(name: str, path: str, expected: str) -> None:
    document = copy.deepcopy(json.loads((PROJECT / "adf" / f"{name}.json").read_text(encoding="utf-8")))
    node: Any = document["properties"]
    *steps, last = path.split(".")
    for step in steps:
        node = node[int(step)] if isinstance(node, list) else node[step]
    node[last] = 1
    assert dropped(name.partition("/")[0], document) == [expected]
