"""Rows of the Parquet that nobody can use: `index` and `verify` name the row, and write nothing."""

import io

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from jobs.errors import JobError
from jobs.index.faiss_index import index_lake
from jobs.storage import lake
from jobs.storage.client import lake_container, upload_blob
from jobs.target import Target
from jobs.verify.tables import Table, read_parquet
from tests.jobs.storage.swollen_parquet import swell

METADATA = {"weights": "random", "weights_sha256": "ab", "precision": "fp32"}
PREFIX = "raw/imagenes/train/"


def vector_text(number: str) -> str:
    return "[" + ",".join([number] + ["0.5" if number != "0" else "0"] * 511) + "]"


def write_parquet(target: Target, vector: str = "0.5", path: str = PREFIX + "sad/b.jpg", **metadata: str) -> None:
    """Write a Parquet whose second row, with the id 7, is as given."""
    rows = [[1, 7], ["sad", "sad"], [vector_text("0.5"), vector_text(vector)], [PREFIX + "sad/a.jpg", path]]
    schema = pa.schema(lake.SCHEMA, METADATA | metadata)
    stream = io.BytesIO()
    pq.write_table(pa.table(rows, schema=schema), stream)
    upload_blob(lake_container(target), lake.EMBEDDINGS, stream.getvalue())


@pytest.mark.parametrize("number", ["Infinity", "-Infinity", "NaN", "1e39", "0"])
def test_a_vector_without_a_direction_is_named(target: Target, number: str) -> None:
    write_parquet(target, vector=number)
    for read in (index_lake, lambda place: read_parquet(place, Table(name="Parquet"))):
        with pytest.raises(JobError, match=r"vector of row 7 \(.*sad/b.jpg\) has .*run-pipeline"):
            read(target)


@pytest.mark.parametrize("path", ["../../etc/passwd", "sad/../../x", "", "/x", "sad/./x"])
def test_a_path_that_leads_elsewhere_is_named(target: Target, path: str) -> None:
    write_parquet(target, path=PREFIX + path)
    with pytest.raises(JobError, match=r"path of row 7 .*run-pipeline"):
        index_lake(target)


def test_a_path_below_another_folder_is_named(target: Target) -> None:
    write_parquet(target, path="raw/secrets/x")
    with pytest.raises(JobError, match=r"path of row 7 .* is not below raw/imagenes/train/"):
        index_lake(target)


def test_a_row_group_that_says_billions_of_rows_is_not_read(target: Target) -> None:
    write_parquet(target)
    container = lake_container(target)
    upload_blob(container, lake.EMBEDDINGS, swell(container.download_blob(lake.EMBEDDINGS).readall()))
    with pytest.raises(JobError, match=r"other numbers of rows than it says\): run `python -m jobs run-pipeline`"):
        index_lake(target)


@pytest.mark.parametrize("name", ["emotion", "vector", "filepath"])
def test_a_long_value_in_every_row_is_not_repeated_in_memory(target: Target, name: str) -> None:
    """16 KB that would be 2 GB."""
    rows = lake.GROUP_ROWS
    texts = {"emotion": "sad", "vector": vector_text("0.5"), "filepath": PREFIX + "sad/a.jpg"}
    texts[name] = texts[name][:-1] + "1" * 1_000_000 + texts[name][-1]
    same = pa.array(np.zeros(rows, np.int32))
    columns = {key: pa.DictionaryArray.from_arrays(same, pa.array([text])) for key, text in texts.items()}
    stream = io.BytesIO()
    pq.write_table(pa.table({"id": range(rows), **columns}), stream, compression="gzip", store_schema=False)
    upload_blob(lake_container(target), lake.EMBEDDINGS, stream.getvalue())
    with pytest.raises(JobError, match=rf"a value of {name} has 100\d+ bytes\): run `python -m jobs run-pipeline`"):
        index_lake(target)


@pytest.mark.parametrize("metadata", [{"precision": "fp64"}, {"weights_sha256": "../../x"}, {"weights": ""}])
def test_odd_metadata_say_nothing(target: Target, metadata: dict[str, str]) -> None:
    write_parquet(target, **metadata)
    with pytest.raises(JobError):
        index_lake(target)
