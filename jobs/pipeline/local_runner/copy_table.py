"""Copy a query's rows from PostgreSQL into one Parquet file, whole or not at all, in constant memory."""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq
from azure.storage.blob import BlobClient, ContentSettings

from jobs.errors import ErrorKind, JobError
from jobs.pipeline.local_runner.attempts import Attempt
from jobs.pipeline.local_runner.blob_writer import Digest, write_blob
from jobs.pipeline.local_runner.columns import Column, select_columns
from jobs.pipeline.local_runner.datasets import Files
from jobs.pipeline.local_runner.metrics import NOT_VERIFIED, CopyMetrics, Stopwatch
from jobs.pipeline.local_runner.table_rows import Batch, Query, open_selection
from jobs.progress import Meter
from jobs.storage.client import translate_storage_errors

PIECE_BYTES = 4 * 1024 * 1024
WRITE_ROWS = 64
FOOTER_TAIL_BYTES = 8  # the footer's length in 4 bytes, and the magic number PAR1


@dataclass(frozen=True)
class TableCopy:
    """What to copy, by the activity's properties."""

    query: Query
    sink: Files
    translator: Mapping[str, Any] | None
    validate: bool


@dataclass(frozen=True)
class WrittenRows:
    """What was written into the Parquet file: the number of rows, and their bytes in memory."""

    rows: int
    bytes_read: int


def copy_table(copy: TableCopy, attempt: Attempt) -> dict[str, Any]:
    """Copy the rows; the output, with Data Factory's keys. Raises JobError; the lake is then unchanged."""
    stopwatch = Stopwatch()
    with temporary_file() as file:
        written = write_parquet(copy, file, attempt)
        size = upload_file(copy, file, written, attempt)
    metrics = CopyMetrics(written.bytes_read, size, 1, 1, rows=written.rows)
    verified = {"VerificationResult": "Verified", "InconsistentData": "None"}
    return stopwatch.output(metrics, verified if copy.validate else NOT_VERIFIED)


@contextmanager
def temporary_file() -> Iterator[IO[bytes]]:
    """A file without a name, deleted after the block and with a killed process. Raises JobError for a full disk."""
    try:
        with tempfile.TemporaryFile() as file:
            yield file
    except OSError as error:
        folder = tempfile.gettempdir()
        raise JobError(
            f"{folder} cannot hold a temporary file ({error.strerror or error}): free some space there."
        ) from error


def write_parquet(copy: TableCopy, stream: IO[bytes], attempt: Attempt) -> WrittenRows:
    """Read the rows into a Parquet file, a row group for each batch of rows."""
    meter, rows, bytes_read = Meter(attempt.log, "rows"), 0, 0
    with open_selection(copy.query, attempt) as selection:
        columns = select_columns(selection.columns, copy.translator, selection.type_name)
        schema = pa.schema([(column.name, column.write_type) for column in columns], selection.provenance)
        # Data Factory writes a DateTime as INT96, the type of the oldest Parquet files, and a dictionary of 1 MiB at
        # most, which PyArrow looks at only after each so many rows.
        with pq.ParquetWriter(
            stream,
            schema,
            compression=copy.sink.compression,
            use_deprecated_int96_timestamps=True,
            write_batch_size=WRITE_ROWS,
        ) as file:
            for batch in filter(None, selection.batches):
                table = pa.Table.from_arrays(to_arrays(batch, columns), schema=schema)
                file.write_table(table)
                rows, bytes_read = rows + table.num_rows, bytes_read + table.nbytes
                meter.advance(table.num_rows)
    return WrittenRows(rows, bytes_read)


def to_arrays(batch: Batch, columns: list[Column]) -> list[pa.Array]:
    values = list(zip(*batch, strict=True))
    return [column.to_array(values[column.index]) for column in columns]


def upload_file(copy: TableCopy, stream: IO[bytes], written: WrittenRows, attempt: Attempt) -> int:
    """Upload the file into the lake; its size in bytes."""
    with copy.sink.open_container() as container:
        blob = container.get_blob_client(copy.sink.blob_name(copy.sink.file or ""))
        with translate_storage_errors(container):
            digest = write_blob(blob, read_pieces(stream, attempt), content_settings)
            rows = count_rows(blob, digest.size) if copy.validate else written.rows
    if rows != written.rows:
        message = f"{blob.blob_name} has {rows} rows, and {written.rows} were read: run the pipeline again."
        raise JobError(message, ErrorKind.conflict)
    return digest.size


def read_pieces(stream: IO[bytes], attempt: Attempt) -> Iterator[bytes]:
    stream.seek(0)
    while piece := stream.read(PIECE_BYTES):
        attempt.raise_if_stopped()
        yield piece


def content_settings(digest: Digest) -> ContentSettings:
    return ContentSettings(content_type="application/octet-stream", content_md5=bytearray(digest.md5.digest()))


def count_rows(blob: BlobClient, size: int) -> int:
    """The number of rows of the Parquet file in the lake, by its footer."""
    tail = blob.download_blob(size - FOOTER_TAIL_BYTES, FOOTER_TAIL_BYTES).readall()
    length = min(size, FOOTER_TAIL_BYTES + int.from_bytes(tail[:4], "little"))
    footer = blob.download_blob(size - length, length).readall()
    try:
        return int(pq.read_metadata(pa.BufferReader(footer)).num_rows)
    except (OSError, pa.ArrowException) as error:
        message = f"{blob.blob_name} is not a Parquet file after it was written: run the pipeline again."
        raise JobError(message, ErrorKind.conflict) from error
