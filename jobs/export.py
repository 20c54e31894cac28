"""export: write the table as one Parquet file for other programs, the vectors as numbers, bit for bit.

The pipeline's Parquet in the lake has them as text, the only form in which Data Factory can read them.
"""

import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from psycopg2.extensions import connection

from jobs import terminal
from jobs.errors import ErrorKind, JobError
from jobs.postgres.connection import Database, fetch_value, open_connection
from jobs.postgres.rows import DIMENSIONS, Rows, read_rows
from jobs.provenance import read_provenance
from jobs.state import atomic_file

VECTOR = pa.list_(pa.field("element", pa.float32(), nullable=False), DIMENSIONS)
COLUMNS = [
    pa.field("id", pa.int64(), nullable=False),
    pa.field("filepath", pa.string(), nullable=False),
    pa.field("emotion", pa.string(), nullable=False),
    pa.field("vector", VECTOR, nullable=False),
]


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
    """Write the file completely or not at all: an existing one is replaced at the end. Raises JobError."""
    started = time.perf_counter()
    if file.is_dir():
        raise JobError(f"{file} is a folder: name a file in it.", ErrorKind.invalid)
    if not file.parent.is_dir():
        raise JobError(
            f"{file} cannot be written (there is no folder {file.parent}): name another file.", ErrorKind.not_found
        )
    try:
        with atomic_file(file) as new, open_connection(database) as db:
            rows = write_parquet(db, new)
        size = file.stat().st_size
    except OSError as error:
        raise JobError(
            f"{file} cannot be written ({error.strerror or error}): name another file.", ErrorKind.invalid
        ) from error
    seconds = time.perf_counter() - started
    return ExportResult(
        file=str(file),
        rows=rows,
        bytes=size,
        seconds=round(seconds, 3),
        rows_per_second=round(rows / seconds, 1),
    )


def write_parquet(db: connection, file: Path) -> int:
    """Write a row group for each group of rows; returns the rows. A group is compressed while the next is read."""
    if fetch_value(db, "SELECT to_regclass('imagenes_fer') IS NULL"):
        raise JobError("The database has no table imagenes_fer: run `python -m jobs migrate`.", ErrorKind.not_found)
    provenance, rows = read_provenance(db), 0
    schema = pa.schema(COLUMNS, provenance.to_metadata() if provenance else None)
    total = fetch_value(db, "SELECT count(*) FROM imagenes_fer")
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
    """The rows in the columns of COLUMNS, without copying the vectors."""
    vectors = pa.FixedSizeListArray.from_arrays(pa.array(rows.vectors.reshape(-1)), type=VECTOR)
    columns = [pa.array(rows.ids), pa.array(rows.filepaths, pa.string()), pa.array(rows.emotions, pa.string()), vectors]
    return pa.Table.from_arrays(columns, schema=schema)
