"""Errors of a query, a translator or a timeout: the activity fails, and the lake is unchanged."""

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
from tests.jobs.pipeline.local_runner.adf_copy import DELETE, NAME, PIPELINE, Alter

PARQUET = "embeddings/fer2013/imagenes_fer.parquet"
SOURCE = "activities.0.typeProperties.source"

pytestmark = pytest.mark.usefixtures("only_rows")


def copied(target: Target, adf: Path) -> ActivityRun:
    (activity,) = run_locally(target, NAME, {}, adf).activities
    return activity


@pytest.mark.parametrize(
    ("query", "message"),
    [
        (
            "SELECT id, emotion, vector, filepath FROM imagenes_fer",
            "Column vector is of type vector, which is not among the types that Data Factory reads: cast it",
        ),
        (
            "SELECT 1 AS id, 'a' AS emotion, ARRAY[1] AS vector, 'c' AS filepath",
            "Column vector is of type integer[], which Data Factory reads as String and only the local runner does",
        ),
        (
            "SELECT 1 AS id, 'a' AS emotion, 'b' AS vector",
            "The translator maps filepath, and the query returns id, emotion, vec",
        ),
        ("SELECT 1 AS id, 2 AS id", "The query returns more than one column id: name them with AS."),
        ("SELECT", "The query returns no columns"),
        ("SELECT absent FROM imagenes_fer", 'PostgreSQL refuses the query (column "absent" does not exist): fix it'),
        ("SELEC 1", "PostgreSQL refuses the query (syntax error"),
        ("DELETE FROM imagenes_fer", "PostgreSQL refuses the query (syntax error"),
        (
            "SELECT nextval('imagenes_fer_id_seq') AS id, 'a' emotion, 'b' AS vector, 'c' filepath",
            "permission denied for sequence",
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
            "Column id is a numeric without a width, and the local runner needs one: cast it",
        ),
        ("SELECT 'one' AS id, 'a' AS emotion, 'b' AS vector, 'c' AS filepath", "Column id: a value does not fit int64"),
        (
            "SELECT 1 AS id, true AS emotion, 'b' AS vector, 'c' AS filepath",
            "Column emotion cannot be converted to String",
        ),
        ("SELECT pg_terminate_backend(pg_backend_pid()) AS id", "closed the connection"),
    ],
)
def test_queries(target: Target, adf: Path, alter: Alter, query: str, message: str) -> None:
    with lake_container(target) as lake:
        lake.upload_blob(PARQUET, b"the old bytes!")
        alter(PIPELINE, f"{SOURCE}.query", query)
        outcome = copied(target, adf)
        assert outcome.error is not None
        assert message in outcome.error
        assert (outcome.status, outcome.attempts) == ("Failed", 1)
        assert outcome.output == {"errors": [{"Message": outcome.error}]}
        assert [(blob.name, blob.size) for blob in list_blobs(lake, "")] == [(PARQUET, 14)]


def test_a_query_that_takes_too_long(target: Target, adf: Path, alter: Alter) -> None:
    alter(PIPELINE, f"{SOURCE}.query", "SELECT pg_sleep(600)::text AS id")
    alter(PIPELINE, f"{SOURCE}.queryTimeout", "00:00:01")
    error = copied(target, adf).error
    assert error == "The query took longer than queryTimeout or commandTimeout allow: raise them."


def test_the_command_timeout_is_applied_where_there_is_no_query_timeout(
    target: Target, adf: Path, alter: Alter
) -> None:
    alter(PIPELINE, f"{SOURCE}.query", "SELECT pg_sleep(600)::text AS id")
    alter(PIPELINE, f"{SOURCE}.queryTimeout", DELETE)
    alter("linkedService/LS_PostgreSQL_FER", "typeProperties.commandTimeout", 1)
    assert "longer than queryTimeout or commandTimeout allow" in str(copied(target, adf).error)


def test_a_query_timeout_takes_precedence_over_the_command_timeout(target: Target, adf: Path, alter: Alter) -> None:
    alter(PIPELINE, f"{SOURCE}.query", "SELECT pg_sleep(2)::text AS id, '' AS emotion, '' AS vector, '' AS filepath")
    alter(PIPELINE, "activities.0.typeProperties.translator", DELETE)
    alter("linkedService/LS_PostgreSQL_FER", "typeProperties.commandTimeout", 1)
    assert copied(target, adf).status == "Succeeded"


@pytest.mark.usefixtures("any_timeout")
def test_the_policy_s_timeout_is_applied_by_the_server(target: Target, adf: Path, alter: Alter) -> None:
    alter(PIPELINE, f"{SOURCE}.query", "SELECT pg_sleep(600)::text AS id")
    alter(PIPELINE, "activities.0.policy.timeout", "00:00:01")
    assert "It took longer than its policy.timeout of 00:00:01" in str(copied(target, adf).error)


@pytest.mark.usefixtures("any_timeout")
def test_a_timeout_of_0(target: Target, adf: Path, alter: Alter) -> None:
    alter(PIPELINE, "activities.0.policy.timeout", "0.00:00:00")
    alter(PIPELINE, "activities.0.policy.retry", 1)
    alter(PIPELINE, "activities.0.policy.retryIntervalInSeconds", 30)
    outcome = copied(target, adf)
    assert (outcome.status, outcome.attempts) == ("Failed", 2)
    assert "policy.timeout of 0.00:00:00" in str(outcome.error)


def test_a_forbidden_name_of_a_column(target: Target, adf: Path, alter: Alter) -> None:
    alter(PIPELINE, "activities.0.typeProperties.translator.mappings.0.sink.name", "the id")
    assert "'the id' cannot name a column of a Parquet file" in str(copied(target, adf).error)


def test_a_missing_container(target: Target, adf: Path, alter: Alter) -> None:
    alter("dataset/DS_Lakehouse_Embeddings", "typeProperties.location.fileSystem", "absent")
    error = str(copied(target, adf).error)
    assert error.startswith("There is no container 127.0.0.1")
    assert "/absent: `pulumi up`" in error


def test_a_wrong_password(target: Target, adf: Path, alter: Alter) -> None:
    alter("linkedService/LS_PostgreSQL_FER", "typeProperties.username", "somebody")
    assert "does not accept the password of somebody" in str(copied(target, adf).error)


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (b"not Parquet any more, not at all", "is not a Parquet file after it was written"),
        (None, "has 1 rows, and 0 were read"),
    ],
)
def test_a_file_overwritten_by_another_writer_is_detected(
    relayed: Any, adf: Path, other: bytes | None, message: str
) -> None:
    target, hooks = relayed
    one_row = BytesIO()
    pq.write_table(pa.table({"id": [1]}), one_row)
    data = other or one_row.getvalue()

    def overwrite(method: str, path: str) -> None:
        if method == "GET":
            with lake_container(target) as container:
                # Of the same length, since the footer is read from the end of the written file.
                size = container.get_blob_client(PARQUET).get_blob_properties().size
                container.upload_blob(PARQUET, data.rjust(size, b"x"), overwrite=True)

    hooks.append(overwrite)
    outcome = copied(target, adf)
    assert outcome.status == "Failed"
    assert message in str(outcome.error)


def test_a_storage_account_with_another_key(target: Target, adf: Path) -> None:
    error = str(copied(replace(target, storage_key="bm8ga2V5"), adf).error)
    assert error.startswith("The storage at 127.0.0.1")
    assert "raw does not accept the key (" in error
