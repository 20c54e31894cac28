"""The column mapping of the pipeline matches its query, as the real server describes it."""

import json
from typing import Any

import psycopg2
import pytest

from jobs import PROJECT
from jobs.pipeline.local_runner.column_types import POSTGRES_TYPES
from jobs.pipeline.local_runner.resolve import pipeline_functions, resolve


def copy_activity() -> dict[str, Any]:
    """Return the properties of the activity that copies the vectors."""
    path = PROJECT / "adf" / "pipeline" / "PL_Migrar_Datos_FER.json"
    activity: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))["properties"]["activities"][0]
    return activity["typeProperties"]


def faults(properties: dict[str, Any], url: str) -> list[str]:
    """Return what differs between the columns of the query and the two ends of the mapping: names and types."""
    functions = pipeline_functions({"parameters": {"prefijoRuta": "raw/"}}, {})
    query = resolve(properties["source"]["query"], functions)
    with psycopg2.connect(url) as db, db.cursor() as cursor:
        cursor.execute(f"SELECT * FROM ({query}) AS queried LIMIT 0")
        columns = [(column.name, POSTGRES_TYPES.get(column.type_code)) for column in cursor.description or ()]
    db.close()
    mappings = properties["translator"]["mappings"]
    ends = [[(mapping[end]["name"], mapping[end]["type"]) for mapping in mappings] for end in ("source", "sink")]
    return [f"{end} is not {columns}" for end in ends if end != columns]


def test_every_column_is_mapped_under_its_name_and_type(cloud_url: str) -> None:
    properties = copy_activity()
    assert faults(properties, cloud_url) == []
    names = [mapping["sink"]["name"] for mapping in properties["translator"]["mappings"]]
    assert names == ["id", "emotion", "vector", "filepath"]


def query(text: str) -> dict[str, Any]:
    return {"source": {"query": {"value": text, "type": "Expression"}}}


SELECT = "SELECT id, emotion::text, vector::text, '@{pipeline().parameters.prefijoRuta}' || filepath"


@pytest.mark.parametrize(
    "altered",
    [
        query(f"{SELECT} AS filepath_corregido FROM imagenes_fer"),  # what the original system had
        query(f"{SELECT} AS filepath, 1 AS more FROM imagenes_fer"),
        query("SELECT id, emotion, vector, filepath FROM imagenes_fer"),
        {"translator": {"mappings": copy_activity()["translator"]["mappings"][3:]}},
    ],
)
def test_a_planted_fault_is_found(cloud_url: str, altered: dict[str, Any]) -> None:
    assert faults(copy_activity() | altered, cloud_url) != []
