"""A faiss index over the Parquet, stored in the lake. It is exact: 200,000 vectors are compared in 0.1 s.

Its files are in a folder named after the Parquet that they were built from. `current.json`, written last, names that
folder, so that a search sees the old index or the new one.
"""

import hashlib
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from io import BytesIO
from typing import Self

import faiss
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from azure.core.exceptions import ResourceNotFoundError
from azure.storage.blob import ContainerClient

from jobs import terminal
from jobs.errors import ErrorKind, JobError
from jobs.index.parquet_provenance import find_provenance
from jobs.postgres.rows import DIMENSIONS, Rows
from jobs.provenance import METADATA_KEYS, Provenance
from jobs.storage import lake
from jobs.storage.client import lake_container, list_blobs, translate_storage_errors, upload_blob
from jobs.target import Target

CURRENT = lake.INDEX + "current.json"
LABELS = pa.schema([("id", pa.int64()), ("emotion", pa.string()), ("filepath", pa.string())])


@dataclass(frozen=True, kw_only=True)
class FaissIndexResult:
    place: str = "lake"
    rows: int
    seconds: float

    def summary(self) -> str:
        return f"{self.rows} vectors of the lake indexed ({self.seconds:.1f} s)"


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """What an index of the lake was built from, and the names of its two files."""

    rows: int
    vectors: str
    labels: str
    parquet_etag: str
    provenance: Provenance

    def to_json(self) -> str:
        fields = {"rows": self.rows, "vectors": self.vectors, "labels": self.labels, "parquet_etag": self.parquet_etag}
        return json.dumps(fields | dict.fromkeys(METADATA_KEYS) | self.provenance.to_metadata())

    @classmethod
    def from_json(cls, text: str | bytes) -> Self | None:
        """None if the text is not a manifest."""
        try:
            fields = json.loads(text)
            provenance = Provenance.from_metadata(fields)
            names = ("rows", "vectors", "labels", "parquet_etag")
            return cls(provenance=provenance, **{name: fields[name] for name in names}) if provenance else None
        except (ValueError, KeyError, TypeError, AttributeError):
            return None


def index_lake(target: Target) -> FaissIndexResult:
    """Build the index of the lake's Parquet. Raises JobError if there is none, or if it is not valid."""
    started = time.perf_counter()
    container = lake_container(target)
    with translate_storage_errors(container):
        etag = lake.parquet_etag(container)
        with lake.open_parquet(container) as file:
            provenance = find_provenance(target, file)
            vectors, labels = build_faiss_index(file, lake.picture_prefix(target))
        folder = f"{lake.INDEX}{hashlib.sha256(etag.encode()).hexdigest()[:12]}/"
        manifest = Manifest(
            rows=labels.num_rows,
            vectors=folder + "vectors.faiss",
            labels=folder + "labels.parquet",
            parquet_etag=etag,
            provenance=provenance,
        )
        save_index(container, manifest, vectors, labels)
    return FaissIndexResult(rows=manifest.rows, seconds=round(time.perf_counter() - started, 3))


def read_vectors(file: pq.ParquetFile, prefix: str) -> Iterator[Rows]:
    """The lake's rows in groups, `filepaths` as in the table: without `prefix`.

    Raises JobError if a vector does not have DIMENSIONS numbers.
    """
    for rows in lake.read_rows(file):
        if rows.vectors.shape[1] != DIMENSIONS:
            raise JobError(
                f"The Parquet's vectors have {rows.vectors.shape[1]} numbers instead of {DIMENSIONS}: "
                f"{lake.RUN_PIPELINE}.",
                ErrorKind.invalid,
            )
        yield replace(rows, filepaths=[path.removeprefix(prefix) for path in rows.filepaths])


def build_faiss_index(file: pq.ParquetFile, prefix: str) -> tuple[faiss.IndexFlatIP, pa.Table]:
    """The normalized vectors, whose inner product is the cosine, and the other columns in the same order."""
    index = faiss.IndexFlatIP(DIMENSIONS)
    batches = []
    with terminal.progress("index", file.metadata.num_rows) as advance:
        for rows in read_vectors(file, prefix):
            faiss.normalize_L2(rows.vectors)
            index.add(rows.vectors)
            labels = {"id": rows.ids, "emotion": rows.emotions, "filepath": rows.filepaths}
            batches.append(pa.RecordBatch.from_pydict(labels, LABELS))
            advance(len(rows.ids))
    return index, pa.Table.from_batches(batches, LABELS)


def save_index(container: ContainerClient, manifest: Manifest, vectors: faiss.IndexFlatIP, labels: pa.Table) -> None:
    """Write both files, then the manifest that names them, then delete the files of older indexes."""
    stream = BytesIO()
    pq.write_table(labels, stream)
    upload_blob(container, manifest.vectors, faiss.serialize_index(vectors).tobytes())
    upload_blob(container, manifest.labels, stream.getvalue())
    upload_blob(container, CURRENT, manifest.to_json().encode())
    for blob in list(list_blobs(container, lake.INDEX)):
        if blob.name not in (manifest.vectors, manifest.labels, CURRENT):
            container.delete_blob(blob.name)


def load_index(container: ContainerClient) -> tuple[Manifest, faiss.Index, pa.Table]:
    """The lake's index: its manifest, vectors and labels. Raises JobError if there is none."""
    try:
        manifest = Manifest.from_json(container.download_blob(CURRENT).readall())
        if manifest is None:
            raise JobError("The lake's index is damaged: run `python -m jobs index`.", ErrorKind.invalid)
        vectors = np.frombuffer(container.download_blob(manifest.vectors).readall(), dtype=np.uint8)
        labels = pq.ParquetFile(BytesIO(container.download_blob(manifest.labels).readall())).read()
    except ResourceNotFoundError as error:
        raise JobError(
            "The lake has no index: run `python -m jobs index`, or search with `--from database`.", ErrorKind.not_found
        ) from error
    return manifest, faiss.deserialize_index(vectors), labels
