"""export: the table's vectors as one Parquet file, for whoever works with them elsewhere: bit for bit, as numbers.

The pipeline's Parquet in the lake has them as text, which is what Data Factory can read out of PostgreSQL.
"""

import os
import time
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from psycopg2.extensions import connection

from jobs import terminal
from jobs.errors import JobError
from jobs.postgres.connection import Database, fetch_value, open_connection
from jobs.postgres.rows import DIMENSIONS, Rows, read_rows

VECTOR = pa.list_(pa.field("element", pa.float32(), nullable=False), DIMENSIONS)
COLUMNS = [
    pa.field("id", pa.int64(), nullable=False),
    pa.field("filepath", pa.string(), nullable=False),
    pa.field("emotion", pa.string(), nullable=False),
    pa.field("vector", VECTOR, nullable=False),
]
MADE_WITH = ("weights", "weights_sha256", "precision", "network_sha256")


@dataclass(frozen=True, kw_only=True)
class ExportResult:
    """`bytes` is the size of the file."""

    file: str
    rows: int
    bytes: int
    seconds: float
    rows_per_second: float

    def summary(self) -> str:
        speed = f"{self.seconds:.1f} s, {self.rows_per_second:,.0f} rows/s"
        return f"{self.rows} vectors in {self.file}, {self.bytes / 1e6:.1f} MB ({speed})"


def export_table(database: Database, file: Path) -> ExportResult:
    """Write the file, whole or not at all: an older one stays until the new one is there. Raises Failure."""
    started = time.perf_counter()
    if file.is_dir():
        raise JobError(f"{file} is a folder: name a file in it.")
    new = file.with_name(f"{file.name}.{os.getpid()}.new")
    try:
        with open_connection(database) as db:
            rows = write_parquet(db, new)
        new.replace(file)
        size = file.stat().st_size
    except OSError as error:
        raise JobError(f"{file} cannot be written ({error.strerror or error}): name another place.") from error
    finally:
        with suppress(OSError):
            new.unlink()
    seconds = time.perf_counter() - started
    return ExportResult(
        file=str(file),
        rows=rows,
        bytes=size,
        seconds=round(seconds, 3),
        rows_per_second=round(rows / seconds, 1),
    )


def write_parquet(db: connection, file: Path) -> int:
    """The table into a file, a row group for each group of rows; how many. One is compressed while the next is read."""
    if fetch_value(db, "SELECT to_regclass('imagenes_fer') IS NULL"):
        raise JobError("The database has no table imagenes_fer: run `python -m jobs migrate`.")
    total, schema, rows = (
        fetch_value(db, "SELECT count(*) FROM imagenes_fer"),
        pa.schema(COLUMNS, read_provenance(db)),
        0,
    )
    db.rollback()
    with (
        terminal.progress("export", total) as advance,
        pq.ParquetWriter(
            file,
            schema,
            compression="zstd",
            use_dictionary=["emotion"],
            use_byte_stream_split=["vector.list.element"],
            write_statistics=["id", "filepath", "emotion"],
        ) as parquet,
        ThreadPoolExecutor(1) as pool,
    ):
        written: Future[None] | None = None
        for group in read_rows(db):
            if written:
                written.result()
            written = pool.submit(parquet.write_table, to_arrow(group, schema))
            rows += len(group.ids)
            advance(len(group.ids))
        if written:
            written.result()
    return rows


def to_arrow(rows: Rows, schema: pa.Schema) -> pa.Table:
    vectors = pa.FixedSizeListArray.from_arrays(pa.array(rows.vectors.reshape(-1)), type=VECTOR)
    columns = [pa.array(rows.ids), pa.array(rows.filepaths, pa.string()), pa.array(rows.emotions, pa.string()), vectors]
    return pa.Table.from_arrays(columns, schema=schema)


def read_provenance(db: connection) -> dict[str, str]:
    """What made the vectors, for the file's metadata: nothing where the database does not tell."""
    if fetch_value(db, "SELECT to_regclass('embedding') IS NULL"):
        return {}
    found = fetch_value(db, "SELECT to_jsonb(embedding) FROM embedding") or {}
    return {key: found[key] for key in MADE_WITH if found.get(key)}
