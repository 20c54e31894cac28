"""Copies of the real server's rows to a Parquet file in the real lake."""

import json
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import psycopg2
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from jobs.pipeline.local_runner.run import run_locally
from jobs.pipeline.results import ActivityRun
from jobs.storage.client import lake_container, list_blobs
from jobs.target import Target
from tests.jobs.pipeline.local_runner.adf_copy import DELETE, NAME, PIPELINE, Alter

PARQUET = "embeddings/fer2013/imagenes_fer.parquet"

pytestmark = pytest.mark.usefixtures("only_rows")


def copied(target: Target, adf: Path, **parameters: str) -> ActivityRun:
    (activity,) = run_locally(target, NAME, parameters, adf).activities
    return activity


def parquet(target: Target) -> pq.ParquetFile:
    with lake_container(target) as lake:
        return pq.ParquetFile(BytesIO(lake.download_blob(PARQUET).readall()))


def execute(url: str, query: str) -> list[tuple[Any, ...]]:
    with psycopg2.connect(url) as db, db.cursor() as cursor:
        cursor.execute(query)
        rows = cursor.fetchall() if cursor.description else []
    db.close()
    return rows


def test_the_parquet_is_the_table(target: Target, adf: Path, fill: Callable[[int], None], cloud_url: str) -> None:
    fill(10)
    outcome = copied(target, adf)
    assert (outcome.status, outcome.error, outcome.attempts) == ("Succeeded", None, 1)
    table = parquet(target).read()
    assert table.schema.equals(
        pa.schema([("id", pa.int64())] + [(n, pa.string()) for n in ("emotion", "vector", "filepath")])
    )
    rows = execute(cloud_url, "SELECT id, emotion, vector::real[], filepath FROM imagenes_fer ORDER BY id")
    assert table["id"].to_pylist() == [row[0] for row in rows]
    assert table["emotion"].to_pylist() == [row[1] for row in rows]
    assert table["filepath"].to_pylist() == [f"raw/imagenes/train/{row[3]}" for row in rows]
    vectors = np.array([json.loads(text) for text in table["vector"].to_pylist()], np.float32)
    assert np.array_equal(vectors, np.array([row[2] for row in rows], np.float32))


def test_the_output(target: Target, adf: Path, fill: Callable[[int], None]) -> None:
    fill(3)
    output = copied(target, adf).output
    with lake_container(target) as lake:
        size = lake.get_blob_client(PARQUET).get_blob_properties().size
    assert {key: output[key] for key in ("rowsRead", "rowsCopied", "filesWritten", "dataWritten", "errors")} == {
        "rowsRead": 3,
        "rowsCopied": 3,
        "filesWritten": 1,
        "dataWritten": size,
        "errors": [],
    }
    assert output["dataConsistencyVerification"] == {"VerificationResult": "Verified", "InconsistentData": "None"}
    assert output["dataRead"] > 3 * 512
    assert isinstance(output["copyDuration"], int)
    assert isinstance(output["throughput"], float)
    assert {key: output[key] for key in output if "Connections" in key or "Parallel" in key} == {
        "sourcePeakConnections": 1,
        "sinkPeakConnections": 1,
        "usedParallelCopies": 1,
    }
    assert not {"filesRead", "filesSkipped"} & output.keys()


def test_an_empty_table_gives_an_empty_file(target: Target, adf: Path) -> None:
    assert copied(target, adf).output["rowsCopied"] == 0
    file = parquet(target)
    assert (file.metadata.num_rows, file.schema_arrow.names) == (0, ["id", "emotion", "vector", "filepath"])


def test_long_tables_are_streamed_in_row_groups(target: Target, adf: Path, fill: Callable[[int], None]) -> None:
    fill(5000)
    assert copied(target, adf).output["rowsCopied"] == 5000
    file = parquet(target)
    groups = [file.metadata.row_group(at).num_rows for at in range(file.metadata.num_row_groups)]
    assert groups == [2048, 2048, 904]
    assert file.read(["id"])["id"].to_pylist() == list(range(1, 5001))
    assert file.metadata.row_group(0).column(2).compression == "SNAPPY"


def test_a_second_run_replaces_the_first(
    target: Target, adf: Path, fill: Callable[[int], None], cloud_url: str
) -> None:
    fill(4)
    copied(target, adf)
    execute(cloud_url, "DELETE FROM imagenes_fer WHERE id > 2")
    copied(target, adf)
    assert parquet(target).read(["id"])["id"].to_pylist() == [1, 2]


def test_the_provenance_of_the_vectors_is_copied(target: Target, adf: Path, cloud_url: str) -> None:
    assert not {b"weights", b"weights_sha256", b"precision"} & copied_metadata(target, adf).keys()
    execute(cloud_url, "DROP TABLE IF EXISTS embedding CASCADE")
    execute(
        cloud_url, "CREATE TABLE embedding AS SELECT 'imagenet' weights, 'ab' weights_sha256, 'bf16' AS precision, 7 n"
    )
    execute(cloud_url, "GRANT SELECT ON embedding TO lake_reader")
    metadata = copied_metadata(target, adf)
    assert {key: value for key, value in metadata.items() if key != b"ARROW:schema"} == {
        b"weights": b"imagenet",
        b"weights_sha256": b"ab",
        b"precision": b"bf16",
    }
    execute(cloud_url, "DROP TABLE embedding")
    assert not {b"weights", b"weights_sha256", b"precision"} & copied_metadata(target, adf).keys()


def copied_metadata(target: Target, adf: Path) -> dict[bytes, bytes]:
    assert copied(target, adf).status == "Succeeded"
    return dict(parquet(target).metadata.metadata)


def test_a_parameter_of_the_run_is_used_in_the_query(target: Target, adf: Path, fill: Callable[[int], None]) -> None:
    fill(1)
    assert copied(target, adf, prefijoRuta="elsewhere/").status == "Succeeded"
    assert parquet(target).read(["filepath"])["filepath"].to_pylist() == ["elsewhere/happy/1.jpg"]


def test_values_of_datasets_and_codecs(target: Target, adf: Path, alter: Alter, change: Any) -> None:
    with change("dataset/DS_Lakehouse_Embeddings") as properties:
        properties["parameters"] = {"folder": {"type": "String", "defaultValue": "x"}, "name": {"type": "String"}}
        properties["typeProperties"]["compressionCodec"] = "gzip"
        location = properties["typeProperties"]["location"]
        location["folderPath"] = {"value": "/@{dataset().folder}/y/", "type": "Expression"}
        location["fileName"] = {"value": "@dataset().name", "type": "Expression"}
    name = {"value": "@concat(pipeline().Pipeline, '.parquet')", "type": "Expression"}
    alter(PIPELINE, "activities.0.outputs.0.parameters", {"name": name})
    assert copied(target, adf).status == "Succeeded"
    with lake_container(target) as lake:
        assert [blob.name for blob in list_blobs(lake, "")] == ["x/y/PL_Migrar_Datos_FER.parquet"]


def test_without_a_query_the_whole_table_is_copied(target: Target, adf: Path, alter: Alter, cloud_url: str) -> None:
    execute(cloud_url, 'CREATE TABLE "Odd ""name" AS SELECT 1 AS a, \'x\'::text AS b')
    alter(PIPELINE, "activities.0.typeProperties.source.query", DELETE)
    alter(PIPELINE, "activities.0.typeProperties.translator", DELETE)
    alter("dataset/DS_PgVector_ImagenesFer", "typeProperties", {"schema": "public", "table": 'Odd "name'})
    assert "as its owner, `GRANT SELECT ON the table TO lake_reader`" in str(copied(target, adf).error)
    execute(cloud_url, 'GRANT SELECT ON "Odd ""name" TO lake_reader')
    assert copied(target, adf).status == "Succeeded"
    assert parquet(target).read().to_pylist() == [{"a": 1, "b": "x"}]
