"""A faiss index over the Parquet, kept in the lake. It is exact: 200,000 vectors are compared in 0.1 s.

Its files lie in a folder named after the Parquet they were made from, and `current.json`, written last, names that
folder: a search sees the old index or the new one.
"""

import hashlib
import json
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from io import BytesIO

import faiss
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from azure.core.exceptions import ResourceNotFoundError
from azure.storage.blob import ContainerClient

from jobs import terminal
from jobs.errors import JobError
from jobs.postgres.rows import DIMENSIONS, Rows
from jobs.provenance import Provenance
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
    """What an index of the lake was made from, and where its two files lie."""

    rows: int
    vectors: str
    labels: str
    parquet_etag: str
    weights: str
    weights_sha256: str
    precision: str
    network_sha256: str | None = None

    def recorded(self) -> Provenance:
        """What made the vectors."""
        return Provenance(self.weights, self.weights_sha256, self.precision, self.network_sha256)


def index_lake(target: Target) -> FaissIndexResult:
    started = time.perf_counter()
    container = lake_container(target)
    with translate_storage_errors(container):
        etag = parquet_etag(container)
        with lake.open_parquet(container) as file:
            known = read_recorded(file)
            vectors, labels = build_index(file, lake.picture_prefix(target))
        folder = f"{lake.INDEX}{hashlib.sha256(etag.encode()).hexdigest()[:12]}/"
        manifest = Manifest(
            rows=labels.num_rows,
            vectors=folder + "vectors.faiss",
            labels=folder + "labels.parquet",
            parquet_etag=etag,
            weights=known.weights,
            weights_sha256=known.sha256,
            precision=known.precision,
            network_sha256=known.network_sha256,
        )
        save_index(container, manifest, vectors, labels)
    return FaissIndexResult(rows=manifest.rows, seconds=round(time.perf_counter() - started, 3))


def read_recorded(file: pq.ParquetFile) -> Provenance:
    """What made the vectors in the lake's Parquet. Raises Failure where it does not say."""
    made_with = lake.read_provenance(file)
    if made_with is None:
        raise JobError("The Parquet does not say which weights made it: run `python -m jobs run-pipeline`.")
    network = (file.schema_arrow.metadata or {}).get(b"network_sha256")
    return Provenance(*made_with[:3], network_sha256=network.decode() if network else None)


def read_parquet_rows(file: pq.ParquetFile, prefix: str) -> Iterator[Rows]:
    """The lake's rows, some at a time, `filepath` as in the table: without what stands before it in the lake.

    Raises Failure where vectors are of another length.
    """
    for batch in lake.read_batches(file):
        ids, emotions, texts, paths = batch.columns
        below = [path.removeprefix(prefix) for path in paths.to_pylist()]
        vectors = lake.parse_vectors(texts)
        if vectors.shape[1] != DIMENSIONS:
            raise JobError(f"The Parquet's vectors have {vectors.shape[1]} numbers: run `python -m jobs run-pipeline`.")
        yield Rows(ids.to_numpy(), below, emotions.to_pylist(), vectors)


def build_index(file: pq.ParquetFile, prefix: str) -> tuple[faiss.IndexFlatIP, pa.Table]:
    """The vectors at unit length, so that the inner product is the cosine, and the other columns in the same order."""
    index = faiss.IndexFlatIP(DIMENSIONS)
    kept = []
    with terminal.progress("index", file.metadata.num_rows) as advance:
        for rows in read_parquet_rows(file, prefix):
            faiss.normalize_L2(rows.vectors)
            index.add(rows.vectors)
            labels = {"id": rows.ids, "emotion": rows.emotions, "filepath": rows.filepaths}
            kept.append(pa.RecordBatch.from_pydict(labels, LABELS))
            advance(len(rows.ids))
    return index, pa.Table.from_batches(kept, LABELS)


def save_index(container: ContainerClient, manifest: Manifest, vectors: faiss.IndexFlatIP, labels: pa.Table) -> None:
    """Write both files, then the name of their folder; folders of older indexes go."""
    stream = BytesIO()
    pq.write_table(labels, stream)
    upload_blob(container, manifest.vectors, faiss.serialize_index(vectors).tobytes())
    upload_blob(container, manifest.labels, stream.getvalue())
    upload_blob(container, CURRENT, json.dumps(asdict(manifest)).encode())
    for blob in list(list_blobs(container, lake.INDEX)):
        if blob.name not in (manifest.vectors, manifest.labels, CURRENT):
            container.delete_blob(blob.name)


def load_index(container: ContainerClient) -> tuple[Manifest, faiss.Index, pa.Table]:
    """The lake's index as it stands.

    Raises Failure when there is none.
    """
    try:
        manifest = Manifest(**json.loads(container.download_blob(CURRENT).readall()))
        vectors = np.frombuffer(container.download_blob(manifest.vectors).readall(), dtype=np.uint8)
        labels = pq.read_table(BytesIO(container.download_blob(manifest.labels).readall()))
    except ResourceNotFoundError as error:
        raise JobError(
            "The lake has no index: run `python -m jobs index`, or search with `--from database`."
        ) from error
    return manifest, faiss.deserialize_index(vectors), labels


def parquet_etag(container: ContainerClient) -> str:
    """What changes with every new Parquet.

    Raises Failure when there is none.
    """
    try:
        return str(container.get_blob_client(lake.EMBEDDINGS).get_blob_properties().etag)
    except ResourceNotFoundError as error:
        raise JobError(f"The lake has no {lake.EMBEDDINGS}: run `python -m jobs run-pipeline`.") from error
