"""index: make search fast. `lake`: a faiss index over the Parquet, kept in the lake; `database`: pgvector's HNSW.

The lake's index is exact. Its files lie in a folder named after the Parquet they were made from, and `current.json`,
written last, names that folder: a search sees the old index or the new one.
"""

import hashlib
import json
import time
from dataclasses import asdict, dataclass
from io import BytesIO

import faiss
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from azure.core.exceptions import ResourceNotFoundError
from azure.storage.blob import ContainerClient

from jobs import blobs, lake, schema, terminal
from jobs.failure import Failure
from jobs.postgres import connected, target_url
from jobs.target import Target

PLACES = ("lake", "database")
DIMENSIONS = 512
CURRENT = lake.INDEX + "current.json"
HNSW = "CREATE INDEX IF NOT EXISTS imagenes_fer_vector_hnsw ON imagenes_fer USING hnsw (vector vector_cosine_ops)"


@dataclass(frozen=True, kw_only=True)
class Result:
    """`place` is lake or database."""

    place: str
    rows: int
    seconds: float

    def summary(self) -> str:
        return f"{self.rows} vectors of the {self.place} indexed ({self.seconds:.1f} s)"


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


def run(target: Target, place: str) -> Result:
    """Build the index of one place anew."""
    started = time.perf_counter()
    rows = index_lake(target) if place == "lake" else index_database(target_url(target))
    return Result(place=place, rows=rows, seconds=round(time.perf_counter() - started, 3))


def index_database(url: str) -> int:
    with connected(url) as db, db.cursor() as cursor:
        schema.upgrade(db)
        cursor.execute("SET maintenance_work_mem = '512MB'")
        cursor.execute(HNSW)
        cursor.execute("SELECT count(*) FROM imagenes_fer")
        row = cursor.fetchone()
        db.commit()
    with connected(url) as db, db.cursor() as cursor:
        db.autocommit = True
        cursor.execute("ANALYZE imagenes_fer")
    return int(row[0]) if row else 0


def index_lake(target: Target) -> int:
    container = blobs.lake(target)
    with blobs.reached(container):
        etag = parquet_etag(container)
        with lake.parquet(container) as file:
            made_with = lake.made_with(file)
            if made_with is None:
                raise Failure("The Parquet does not say which weights made it: run `python -m jobs run-pipeline`.")
            vectors, labels = read(file, lake.prefix(target))
        weights, sha256, precision = made_with
        folder = f"{lake.INDEX}{hashlib.sha256(etag.encode()).hexdigest()[:12]}/"
        manifest = Manifest(
            rows=labels.num_rows,
            vectors=folder + "vectors.faiss",
            labels=folder + "labels.parquet",
            parquet_etag=etag,
            weights=weights,
            weights_sha256=sha256,
            precision=precision,
        )
        save(container, manifest, vectors, labels)
    return manifest.rows


def read(file: pq.ParquetFile, prefix: str) -> tuple[faiss.IndexFlatIP, pa.Table]:
    """The vectors at unit length, so that the inner product is the cosine, and the other columns in the same order."""
    index = faiss.IndexFlatIP(DIMENSIONS)
    kept = []
    with terminal.progress("index", file.metadata.num_rows) as advance:
        for batch in lake.batches(file):
            ids, emotions, texts, paths = batch.columns
            vectors = lake.numbers(texts)
            faiss.normalize_L2(vectors)
            index.add(vectors)
            below = pa.array([path.removeprefix(prefix) for path in paths.to_pylist()], pa.string())
            kept.append(pa.record_batch([ids, emotions, below], names=["id", "emotion", "filepath"]))
            advance(batch.num_rows)
    schema = pa.schema([("id", pa.int64()), ("emotion", pa.string()), ("filepath", pa.string())])
    return index, pa.Table.from_batches(kept, schema)


def save(container: ContainerClient, manifest: Manifest, vectors: faiss.IndexFlatIP, labels: pa.Table) -> None:
    """Write both files, then the name of their folder; folders of older indexes go."""
    stream = BytesIO()
    pq.write_table(labels, stream)
    blobs.put(container, manifest.vectors, faiss.serialize_index(vectors).tobytes())
    blobs.put(container, manifest.labels, stream.getvalue())
    blobs.put(container, CURRENT, json.dumps(asdict(manifest)).encode())
    for blob in list(blobs.listing(container, lake.INDEX)):
        if blob.name not in (manifest.vectors, manifest.labels, CURRENT):
            container.delete_blob(blob.name)


def load(container: ContainerClient) -> tuple[Manifest, faiss.Index, pa.Table]:
    """The lake's index as it stands.

    Raises Failure when there is none.
    """
    try:
        manifest = Manifest(**json.loads(container.download_blob(CURRENT).readall()))
        vectors = np.frombuffer(container.download_blob(manifest.vectors).readall(), dtype=np.uint8)
        labels = pq.read_table(BytesIO(container.download_blob(manifest.labels).readall()))
    except ResourceNotFoundError as error:
        raise Failure("The lake has no index: run `python -m jobs index`, or search with `--from database`.") from error
    return manifest, faiss.deserialize_index(vectors), labels


def parquet_etag(container: ContainerClient) -> str:
    """What changes with every new Parquet.

    Raises Failure when there is none.
    """
    try:
        return str(container.get_blob_client(lake.EMBEDDINGS).get_blob_properties().etag)
    except ResourceNotFoundError as error:
        raise Failure(f"The lake has no {lake.EMBEDDINGS}: run `python -m jobs run-pipeline`.") from error
