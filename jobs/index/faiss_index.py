"""A faiss index over the Parquet, stored in the lake. It is exact: 200,000 vectors are compared in 0.1 s.

Its files are in a folder named after the Parquet that they were built from. `current.json`, written last, names that
folder, so that a search sees the old index or the new one.
"""

import hashlib
import time
from collections.abc import Iterator
from dataclasses import dataclass

import faiss
import pyarrow as pa
import pyarrow.parquet as pq
from azure.core.exceptions import ResourceNotFoundError
from azure.storage.blob import ContainerClient

from jobs import terminal
from jobs.errors import ErrorKind, JobError
from jobs.index.faiss_files import LABELS, DamagedIndexError, read_flat_index, read_labels, write_labels
from jobs.index.faiss_manifest import IndexFile, Manifest
from jobs.index.parquet_provenance import find_provenance
from jobs.local.emulator import save_written
from jobs.postgres.rows import DIMENSIONS, Rows
from jobs.storage import lake
from jobs.storage.client import lake_container, list_blobs, translate_storage_errors, upload_blob
from jobs.target import Target

CURRENT = lake.INDEX + "current.json"
MAX_MANIFEST_BYTES = 64 * 1024


@dataclass(frozen=True, kw_only=True)
class FaissIndexResult:
    place: str = "lake"
    rows: int
    seconds: float

    def summary(self) -> str:
        return f"{self.rows} vectors of the lake indexed ({self.seconds:.1f} s)"


@dataclass(frozen=True)
class Index:
    """An index that was read: `labels` are in the order of `vectors`, `etag` is that of its `current.json`."""

    manifest: Manifest
    vectors: faiss.Index
    labels: pa.Table
    etag: str


def index_lake(target: Target) -> FaissIndexResult:
    """Build the index of the lake's Parquet. Raises JobError if there is none, or if it is not valid."""
    started = time.perf_counter()
    container = lake_container(target)
    with translate_storage_errors(container):
        etag = lake.parquet_etag(container)
        with lake.open_parquet(container) as file:
            provenance = find_provenance(target, file)
            vectors, labels = build_faiss_index(file, lake.picture_prefix(target))
        data = faiss.serialize_index(vectors).tobytes(), write_labels(labels)
        # Named by its content: an index that is built again never changes a file that a search reads.
        content = hashlib.sha256(etag.encode() + b"".join(hashlib.sha256(each).digest() for each in data))
        folder = f"{lake.INDEX}{content.hexdigest()[:12]}/"
        manifest = Manifest(
            rows=labels.num_rows,
            vectors=IndexFile.of(folder + "vectors.faiss", data[0]),
            labels=IndexFile.of(folder + "labels.parquet", data[1]),
            parquet_etag=etag,
            provenance=provenance,
        )
        save_index(container, manifest, *data)
    return FaissIndexResult(rows=manifest.rows, seconds=round(time.perf_counter() - started, 3))


def read_vectors(file: pq.ParquetFile, prefix: str) -> Iterator[Rows]:
    """The lake's rows in groups, `filepaths` as in the table: without `prefix`.

    Raises JobError if a vector does not have DIMENSIONS numbers.
    """
    for rows in lake.read_rows(file, prefix):
        if rows.vectors.shape[1] != DIMENSIONS:
            raise JobError(
                f"The Parquet's vectors have {rows.vectors.shape[1]} numbers instead of {DIMENSIONS}: "
                f"{lake.RUN_PIPELINE}.",
                ErrorKind.invalid,
            )
        yield rows


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


def save_index(container: ContainerClient, manifest: Manifest, vectors: bytes, labels: bytes) -> None:
    """Write both files, then the manifest that names them, then delete the files of older indexes."""
    upload_blob(container, manifest.vectors.name, vectors)
    upload_blob(container, manifest.labels.name, labels)
    upload_blob(container, CURRENT, manifest.to_json().encode())
    for blob in list(list_blobs(container, lake.INDEX)):
        if blob.name not in (manifest.vectors.name, manifest.labels.name, CURRENT):
            container.delete_blob(blob.name)
    save_written(container.url)


def no_index_error() -> JobError:
    return JobError(
        "The lake has no index: run `python -m jobs index`, or search with `--from database`.", ErrorKind.not_found
    )


def current_etag(container: ContainerClient) -> str:
    """The ETag of `current.json`, which changes with every new index. Raises JobError if there is none."""
    try:
        return str(container.get_blob_client(CURRENT).get_blob_properties().etag)
    except ResourceNotFoundError as error:
        raise no_index_error() from error


def load_index(container: ContainerClient) -> Index:
    """The lake's index. One that replaces it meanwhile deletes its files: then the new one is read.

    Raises JobError if there is none, and if a file is not what the manifest describes. That finds damage. Somebody who
    may write to the lake can write the manifest too: what is read here is data to distrust all the same.
    """
    etag = current_etag(container)
    while True:
        try:
            return load_named_index(container, etag)
        except DamagedIndexError as error:
            raise JobError(
                f"The lake's index cannot be used ({error}): run `python -m jobs index`, which builds it again.",
                ErrorKind.invalid,
            ) from error
        except ResourceNotFoundError as error:
            before, etag = etag, current_etag(container)
            if etag == before:
                raise no_index_error() from error


def load_named_index(container: ContainerClient, etag: str) -> Index:
    """The index that `current.json` names. Raises ResourceNotFoundError if a file of it is not there.

    `etag` is that of `current.json` before it is read: a newer one is then noticed the next time.
    """
    manifest = Manifest.from_json(download(container, CURRENT, MAX_MANIFEST_BYTES))
    if manifest is None:
        raise DamagedIndexError("current.json is damaged, or of an older version")
    vectors = read_flat_index(download_file(container, manifest.vectors), manifest.rows)
    return Index(manifest, vectors, read_labels(download_file(container, manifest.labels), manifest.rows), etag)


def download(container: ContainerClient, name: str, at_most: int) -> bytes:
    """The bytes of a blob. Raises DamagedIndexError for a larger one, before they are read."""
    blob = container.download_blob(name)
    if blob.size > at_most:
        raise DamagedIndexError(f"{name} has {blob.size} bytes, and at most {at_most} are expected")
    return blob.readall()


def download_file(container: ContainerClient, file: IndexFile) -> bytes:
    """The bytes of a file of the index. Raises DamagedIndexError where they are not what the manifest describes."""
    data = download(container, file.name, file.size)
    if problem := file.problem(data):
        raise DamagedIndexError(problem)
    return data
