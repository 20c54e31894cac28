"""What a query, a translator or a limit can have wrong: the activity fails, and the lake keeps what it had."""

from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from jobs.pipeline.local_runner.run import run_locally
from jobs.pipeline.results import ActivityRun
from jobs.storage.client import lake_container, list_blobs
from jobs.target import Target

PIPELINE = "pipeline/PL_Migrar_Datos_FER"
PARQUET = "embeddings/fer2013/imagenes_fer.parquet"
SOURCE = "activities.0.typeProperties.source"
Alter = Callable[[str, str, Any], None]

pytestmark = pytest.mark.usefixtures("only_rows")


def copied(target: Target, adf: Path) -> ActivityRun:
    (activity,) = run_locally(target, "PL_Migrar_Datos_FER", {}, adf).activities
    return activity


@pytest.mark.parametrize(
    ("query", "told"),
    [
        (
            "SELECT id, emotion, vector, filepath FROM imagenes_fer",
            "Column vector is of type vector, which Data Factory cannot",
        ),
        (
            "SELECT 1 AS id, 'a' AS emotion, ARRAY[1] AS vector, 'c' AS filepath",
            "Column vector is of type integer[], which",
        ),
        (
            "SELECT 1 AS id, 'a' AS emotion, 'b' AS vector",
            "The translator maps filepath, and the query gives id, emotion, vec",
        ),
        ("SELECT 1 AS id, 2 AS id", "The query gives more than one column id: name them with AS."),
        ("SELECT", "The query gives no columns"),
        ("SELECT absent FROM imagenes_fer", 'PostgreSQL refuses the query (column "absent" does not exist): mend it'),
        ("SELEC 1", "PostgreSQL refuses the query (syntax error"),
        ("DELETE FROM imagenes_fer", "PostgreSQL refuses the query (syntax error"),
        (
            "SELECT nextval('imagenes_fer_id_seq') AS id, 'a' emotion, 'b' AS vector, 'c' filepath",
            "read-only transaction",
        ),
        (
            "SELECT 1 / (2 - n) AS id, 'a' AS emotion, 'b' AS vector, 'c' AS filepath FROM generate_series(1, 9) n",
            "by zero",
        ),
        (
            "SELECT '0044-03-15 BC'::date AS id, 'a' AS emotion, 'b' AS vector, 'c' AS filepath",
            "cast its column ::text",
        ),
        (
            "SELECT 1.5 AS id, 'a' AS emotion, 'b' AS vector, 'c' AS filepath",
            "Column id is a numeric of any width: cast it",
        ),
        ("SELECT 'one' AS id, 'a' AS emotion, 'b' AS vector, 'c' AS filepath", "Column id: a value is no int64"),
        ("SELECT 1 AS id, true AS emotion, 'b' AS vector, 'c' AS filepath", "Column emotion cannot become String"),
        ("SELECT pg_terminate_backend(pg_backend_pid()) AS id", "gave up"),
    ],
)
def test_queries(target: Target, adf: Path, alter: Alter, query: str, told: str) -> None:
    with lake_container(target) as lake:
        lake.upload_blob(PARQUET, b"what was there")
        alter(PIPELINE, f"{SOURCE}.query", query)
        outcome = copied(target, adf)
        assert outcome.error is not None
        assert told in outcome.error
        assert (outcome.status, outcome.attempts) == ("Failed", 1)
        assert outcome.output == {"errors": [{"Message": outcome.error}]}
        assert [(blob.name, blob.size) for blob in list_blobs(lake, "")] == [(PARQUET, 14)]


def test_a_query_that_takes_too_long(target: Target, adf: Path, alter: Alter) -> None:
    alter(PIPELINE, f"{SOURCE}.query", "SELECT pg_sleep(600)::text AS id")
    alter(PIPELINE, f"{SOURCE}.queryTimeout", "00:00:01")
    error = copied(target, adf).error
    assert error == "The query took longer than queryTimeout or commandTimeout allow: raise them."


def test_the_server_is_held_to_the_command_timeout(target: Target, adf: Path, alter: Alter) -> None:
    alter(PIPELINE, f"{SOURCE}.query", "SELECT pg_sleep(600)::text AS id")
    alter("linkedService/LS_PostgreSQL_FER", "typeProperties.commandTimeout", 1)
    assert "longer than queryTimeout or commandTimeout allow" in str(copied(target, adf).error)


def test_the_server_is_held_to_the_policy_s_timeout(target: Target, adf: Path, alter: Alter) -> None:
    alter(PIPELINE, f"{SOURCE}.query", "SELECT pg_sleep(600)::text AS id")
    alter(PIPELINE, "activities.0.policy.timeout", "00:00:01")
    assert "It took longer than its policy.timeout of 00:00:01" in str(copied(target, adf).error)


def test_no_time_at_all(target: Target, adf: Path, alter: Alter) -> None:
    alter(PIPELINE, "activities.0.policy.timeout", "0.00:00:00")
    alter(PIPELINE, "activities.0.policy.retry", 1)
    alter(PIPELINE, "activities.0.policy.retryIntervalInSeconds", 30)
    outcome = copied(target, adf)
    assert (outcome.status, outcome.attempts) == ("Failed", 2)
    assert "policy.timeout of 0.00:00:00" in str(outcome.error)


def test_an_odd_name_for_a_column(target: Target, adf: Path, alter: Alter) -> None:
    alter(PIPELINE, "activities.0.typeProperties.translator.mappings.0.sink.name", "the id")
    assert "'the id' cannot name a column of a Parquet file" in str(copied(target, adf).error)


def test_a_container_that_is_not_there(target: Target, adf: Path, alter: Alter) -> None:
    alter("dataset/DS_Lakehouse_Embeddings", "typeProperties.location.fileSystem", "absent")
    error = str(copied(target, adf).error)
    assert error.startswith("There is no container 127.0.0.1")
    assert "/absent: `pulumi up`" in error


def test_a_wrong_password(target: Target, adf: Path, alter: Alter) -> None:
    alter("linkedService/LS_PostgreSQL_FER", "typeProperties.username", "somebody")
    assert "does not take the password of somebody" in str(copied(target, adf).error)


@pytest.mark.parametrize(
    ("other", "told"),
    [
        (b"not Parquet any more, not at all", "is no Parquet file after it was written"),
        (None, "has 1 rows, and 0 were read"),
    ],
)
def test_what_another_writes_in_between_is_noticed(between: Any, adf: Path, other: bytes | None, told: str) -> None:
    target, seen_by = between
    one_row = BytesIO()
    pq.write_table(pa.table({"id": [1]}), one_row)
    data = other or one_row.getvalue()

    def overwrite(method: str, path: str) -> None:
        if method == "GET":
            with lake_container(target) as container:
                # As long as what was written, which is where the footer is looked for.
                size = container.get_blob_client(PARQUET).get_blob_properties().size
                container.upload_blob(PARQUET, data.rjust(size, b"x"), overwrite=True)

    seen_by.append(overwrite)
    outcome = copied(target, adf)
    assert outcome.status == "Failed"
    assert told in str(outcome.error)


def test_a_storage_that_lets_no_one_in(target: Target, adf: Path) -> None:
    error = str(copied(replace(target, storage_key="bm8ga2V5"), adf).error)
    assert error.startswith("The storage at 127.0.0.1")
    assert "raw does not take the key (" in error
