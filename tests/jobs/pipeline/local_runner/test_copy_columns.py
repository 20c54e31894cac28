"""Parquet files with Data Factory's types of columns, and translators as Studio writes them."""

from collections.abc import Callable
from datetime import datetime
from io import BytesIO
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from jobs.pipeline.local_runner.run import run_locally
from jobs.pipeline.results import ActivityRun
from jobs.storage.client import lake_container
from jobs.target import Target
from tests.jobs.pipeline.local_runner.adf_copy import DELETE, NAME, PIPELINE, Alter

PARQUET = "embeddings/fer2013/imagenes_fer.parquet"

pytestmark = pytest.mark.usefixtures("only_rows")


def copied(target: Target, adf: Path) -> ActivityRun:
    (activity,) = run_locally(target, NAME, {}, adf).activities
    return activity


def parquet(target: Target) -> BytesIO:
    with lake_container(target) as lake:
        return BytesIO(lake.download_blob(PARQUET).readall())


def test_dates_and_times_are_int96_as_data_factory_writes_them(target: Target, adf: Path, alter: Alter) -> None:
    query = (
        "SELECT '2026-01-02'::date AS d, '2026-01-02 03:04:05.000006'::timestamp AS t, "
        "'2026-01-02 03:00+02'::timestamptz AS z, '9999-12-31'::date AS far, 1 AS id"
    )
    alter(PIPELINE, "activities.0.typeProperties.source.query", query)
    alter(PIPELINE, "activities.0.typeProperties.translator", DELETE)
    assert copied(target, adf).status == "Succeeded"
    data = parquet(target)
    file = pq.ParquetFile(data)
    assert [file.schema.column(index).physical_type for index in range(5)] == ["INT96"] * 4 + ["INT32"]
    assert pq.read_table(data, coerce_int96_timestamp_unit="us").to_pylist() == [
        {
            "d": datetime(2026, 1, 2),
            "t": datetime(2026, 1, 2, 3, 4, 5, 6),
            "z": datetime(2026, 1, 2, 1),
            "far": datetime(9999, 12, 31),
            "id": 1,
        }
    ]


def test_studio_s_settings_of_type_conversion(
    target: Target, adf: Path, alter: Alter, fill: Callable[[int], None]
) -> None:
    fill(2)
    alter(PIPELINE, "activities.0.typeProperties.translator.typeConversion", True)
    settings = {"allowDataTruncation": True, "treatBooleanAsNumber": False}
    alter(PIPELINE, "activities.0.typeProperties.translator.typeConversionSettings", settings)
    for path in ("source.disableMetricsCollection", "sink.storeSettings.disableMetricsCollection"):
        alter(PIPELINE, f"activities.0.typeProperties.{path}", False)
    alter(PIPELINE, "activities.0.typeProperties.sink.storeSettings.copyBehavior", "PreserveHierarchy")
    assert copied(target, adf).output["rowsCopied"] == 2


def test_a_translator_without_mappings(target: Target, adf: Path, alter: Alter, fill: Callable[[int], None]) -> None:
    fill(2)
    settings = {"allowDataTruncation": True, "treatBooleanAsNumber": False}
    translator = {"type": "TabularTranslator", "typeConversion": True, "typeConversionSettings": settings}
    alter(PIPELINE, "activities.0.typeProperties.translator", translator)
    assert copied(target, adf).status == "Succeeded"
    assert pq.ParquetFile(parquet(target)).schema_arrow.names == ["id", "emotion", "vector", "filepath"]
