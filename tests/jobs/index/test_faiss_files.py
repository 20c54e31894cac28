"""The lake's index as somebody else may have written it: a whole index or a sentence, never a wrong answer."""

import io
import json
from collections.abc import Callable
from pathlib import Path

import faiss
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from azure.storage.blob import ContainerClient
from hypothesis import given
from hypothesis import strategies as st

from jobs.errors import JobError
from jobs.index.faiss_files import LABELS, DamagedIndexError, flat_header, read_flat_index, read_labels, write_labels
from jobs.index.faiss_index import CURRENT, index_lake, load_index
from jobs.index.faiss_manifest import IndexFile, Manifest
from jobs.migrate.run import migrate_table
from jobs.pipeline import DEFAULT_PIPELINE
from jobs.pipeline.run import run_pipeline
from jobs.search.run import Query, search_pictures
from jobs.storage import lake
from jobs.storage.client import lake_container
from jobs.target import Target
from tests.jobs.storage.swollen_parquet import swell

ROWS = 5
BUILD_AGAIN = r"cannot be used .*: run `python -m jobs index`"


def unit_vectors(rows: int = ROWS, width: int = 512) -> "np.ndarray[tuple[int, int], np.dtype[np.float32]]":
    vectors = np.random.default_rng(0).standard_normal((rows, width)).astype(np.float32)
    faiss.normalize_L2(vectors)
    return vectors


def serialized(index: faiss.Index, vectors: object) -> bytes:
    index.add(vectors)
    return faiss.serialize_index(index).tobytes()


def label_table(rows: int = ROWS, path: str = "happy/a.jpg") -> pa.Table:
    return pa.table([list(range(rows)), ["happy"] * rows, [path] * rows], LABELS)


VECTORS = serialized(faiss.IndexFlatIP(512), unit_vectors())
LABEL_BYTES = write_labels(label_table())


@pytest.mark.parametrize("rows", [0, 1, ROWS])
def test_the_header_is_that_of_faiss(rows: int) -> None:
    data = serialized(faiss.IndexFlatIP(512), unit_vectors(rows))
    assert data.startswith(flat_header(rows))
    assert faiss.serialize_index(read_flat_index(data, rows)).tobytes() == data


@pytest.mark.parametrize(
    "data",
    [
        serialized(faiss.IndexFlatL2(512), unit_vectors()),
        serialized(faiss.IndexFlatIP(256), unit_vectors(width=256)),
        serialized(faiss.IndexFlatIP(512), unit_vectors(4)),
        serialized(faiss.IndexHNSWFlat(512, 4), unit_vectors()),
        serialized(faiss.IndexFlatIP(512), unit_vectors() * 0),
        serialized(faiss.IndexFlatIP(512), np.full((ROWS, 512), np.inf, np.float32)),
        serialized(faiss.IndexFlatIP(512), unit_vectors() * np.float32(1e30)),
        VECTORS[:-1],
        VECTORS + b"\0",
        VECTORS[:20],
        b"",
    ],
    ids=range(11),
)
def test_vectors_of_another_kind_are_refused(data: bytes) -> None:
    with pytest.raises(DamagedIndexError):
        read_flat_index(data, ROWS)


def test_a_long_label_in_every_row_is_not_repeated_in_memory() -> None:
    rows = 2000
    paths = pa.DictionaryArray.from_arrays(pa.array([0] * rows, pa.int32()), pa.array(["a" * 1_000_000]))
    table = pa.table({"id": pa.array(range(rows), pa.int64()), "emotion": ["sad"] * rows, "filepath": paths})
    stream = io.BytesIO()
    pq.write_table(table, stream, store_schema=False)
    with pytest.raises(DamagedIndexError, match="a value of filepath has 1000000 bytes"):
        read_labels(stream.getvalue(), rows)


def test_a_row_group_that_says_billions_of_rows_is_not_read() -> None:
    with pytest.raises(DamagedIndexError, match="other numbers of rows than it says"):
        read_labels(swell(LABEL_BYTES), ROWS)


@pytest.mark.parametrize(
    "table",
    [
        label_table(4),
        label_table(6),
        label_table(path="../../etc/passwd"),
        label_table(path="/etc/passwd"),
        label_table(path="happy/./a.jpg"),
        label_table(path=""),
        label_table(path="a" * 2000),
        label_table(path="\0"),
        label_table().rename_columns(["id", "emotion", "path"]),
        pa.table([[None] * ROWS, ["x"] * ROWS, ["x"] * ROWS], LABELS),
        pa.table([list(range(ROWS)), ["x" * 100_000] * ROWS, ["x"] * ROWS], LABELS),
    ],
    ids=range(11),
)
def test_labels_of_another_kind_are_refused(table: pa.Table) -> None:
    with pytest.raises(DamagedIndexError):
        read_labels(write_labels(table), ROWS)


def mutate(data: bytes, at: int, bit: int, cut: int) -> bytes:
    changed = bytearray(data)
    changed[at % len(changed)] ^= 1 << bit
    return bytes(changed[: len(changed) - cut % len(changed)])


@given(st.integers(0), st.integers(0, 7), st.just(0) | st.integers(0))
def test_changed_bytes_are_an_index_or_a_reason(at: int, bit: int, cut: int) -> None:
    readers: dict[Callable[[bytes, int], object], bytes] = {read_flat_index: VECTORS, read_labels: LABEL_BYTES}
    for read, data in readers.items():
        try:
            assert read(mutate(data, at, bit, cut), ROWS)
        except DamagedIndexError as error:
            assert str(error)
    manifest = Manifest.from_json(mutate(b'{"rows": 1, "vectors": {"name": "x"}}', at, bit, cut))
    assert manifest is None


@pytest.fixture
def indexed(target: Target, filled_url: str) -> ContainerClient:
    """The lake of the target with the drawn faces and their index."""
    migrate_table(filled_url, target)
    assert run_pipeline(target, DEFAULT_PIPELINE, {}).status == "Succeeded"
    index_lake(target)
    return lake_container(target)


def test_a_changed_index_is_never_searched(indexed: ContainerClient, target: Target, drawn_faces: Path) -> None:
    query = Query(picture=next(drawn_faces.rglob("*.jpg")))
    right = search_pictures(target, query)
    current = indexed.download_blob(CURRENT).readall()
    fields = json.loads(current)
    assert right.results
    changes: list[dict[str, object]] = [
        {"rows": 39},
        {"rows": -1},
        {"rows": True},
        {"vectors": fields["labels"]},
        {"vectors": fields["vectors"]["name"]},  # as an older version wrote it
        {"vectors": fields["vectors"] | {"size": 10}},
        {"vectors": fields["vectors"] | {"sha256": "0" * 64}},
        {"labels": fields["labels"] | {"name": "index/fer2013/../../x"}},
        {"weights_sha256": "../../x"},
        {"precision": "fp64"},
        {"parquet_etag": 1},
    ]
    for change in changes:
        indexed.upload_blob(CURRENT, json.dumps(fields | change), overwrite=True)
        with pytest.raises(JobError, match=BUILD_AGAIN):
            search_pictures(target, query)
    index_lake(target)
    assert search_pictures(target, query).results == right.results


def test_a_manifest_that_agrees_with_hostile_files_is_not_believed(indexed: ContainerClient) -> None:
    manifest = Manifest.from_json(indexed.download_blob(CURRENT).readall())
    assert manifest is not None
    hostile = serialized(faiss.IndexFlatL2(512), unit_vectors(40))
    fields = json.loads(manifest.to_json())
    fields["vectors"] = vars(IndexFile.of(manifest.vectors.name, hostile))
    indexed.upload_blob(manifest.vectors.name, hostile, overwrite=True)
    indexed.upload_blob(CURRENT, json.dumps(fields), overwrite=True)
    with pytest.raises(JobError, match=BUILD_AGAIN):
        load_index(indexed)
    indexed.upload_blob(CURRENT, b" " * 100_000, overwrite=True)
    with pytest.raises(JobError, match=BUILD_AGAIN):
        load_index(indexed)


def test_a_path_that_leads_elsewhere() -> None:
    assert [lake.path_problem(path) for path in ("happy/a.jpg", "a..b/c", "happy/..a.jpg")] == [None] * 3
