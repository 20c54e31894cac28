"""Copy a query's rows from PostgreSQL into one Parquet file, whole or not at all, in flat memory however many."""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq
from azure.storage.blob import BlobClient, ContentSettings

from jobs.errors import JobError
from jobs.pipeline.local_runner.attempts import Attempt
from jobs.pipeline.local_runner.blob_reader import Digest, write_blob
from jobs.pipeline.local_runner.columns import Column, columns
from jobs.pipeline.local_runner.datasets import Files
from jobs.pipeline.local_runner.metrics import CopyMetrics, Stopwatch
from jobs.pipeline.local_runner.table_rows import Group, Query, open_selection
from jobs.progress import Meter
from jobs.storage.client import translate_storage_errors

PIECE_BYTES = 4 * 1024 * 1024
FOOTER_END = 8  # bytes: the length of the footer, and a mark


@dataclass(frozen=True)
class TableCopy:
    query: Query
    sink: Files
    translator: Mapping[str, Any] | None
    validate: bool


@dataclass(frozen=True)
class Written:
    """What went into the Parquet file: rows, and the bytes that they took in memory."""

    rows: int
    bytes_read: int


def copy_table(copy: TableCopy, attempt: Attempt) -> dict[str, Any]:
    """Copy, and give out Data Factory's keys. Raises Failure; the lake has then what it had."""
    clock = Stopwatch()
    with temporary_file() as file:
        written = write_parquet(copy, file, attempt)
        size = upload_file(copy, file, written, attempt)
    volume = CopyMetrics(written.bytes_read, size, 1, 1, rows=written.rows)
    verified = {"VerificationResult": "Verified", "InconsistentData": "None"}
    return clock.output(volume, verified if copy.validate else None)


@contextmanager
def temporary_file() -> Iterator[IO[bytes]]:
    """A file without a name, gone behind the block and with a killed process. A full disk is a Failure."""
    try:
        with tempfile.TemporaryFile() as file:
            yield file
    except OSError as error:
        place = tempfile.gettempdir()
        raise JobError(f"{place} cannot take the file ({error.strerror or error}): make room there.") from error


def write_parquet(copy: TableCopy, stream: IO[bytes], attempt: Attempt) -> Written:
    """Read the rows into a Parquet file, a row group for each group of rows."""
    meter, rows, size = Meter(attempt.say, "rows"), 0, 0
    with open_selection(copy.query, attempt) as selection:
        chosen = columns(selection.columns, copy.translator, selection.type_name)
        schema = pa.schema([(column.name, column.write) for column in chosen], selection.provenance)
        with pq.ParquetWriter(stream, schema, compression=copy.sink.compression) as file:
            for group in filter(None, selection.groups):
                table = pa.Table.from_arrays(arrays(group, chosen), schema=schema)
                file.write_table(table)
                rows, size = rows + table.num_rows, size + table.nbytes
                meter.advance(table.num_rows)
    return Written(rows, size)


def arrays(group: Group, chosen: list[Column]) -> list[pa.Array]:
    values = list(zip(*group, strict=True))
    return [column.array(values[column.at]) for column in chosen]


def upload_file(copy: TableCopy, stream: IO[bytes], written: Written, attempt: Attempt) -> int:
    """Put the file into the lake; its size in bytes."""
    with copy.sink.opened() as container:
        blob = container.get_blob_client(copy.sink.path(copy.sink.file or ""))
        with translate_storage_errors(container):
            sent = write_blob(blob, pieces(stream, attempt), content_settings)
            rows = count_rows(blob, sent.size) if copy.validate else written.rows
    if rows != written.rows:
        raise JobError(f"{blob.blob_name} has {rows} rows, and {written.rows} were read: run the pipeline again.")
    return sent.size


def pieces(stream: IO[bytes], attempt: Attempt) -> Iterator[bytes]:
    stream.seek(0)
    while piece := stream.read(PIECE_BYTES):
        attempt.raise_if_stopped()
        yield piece


def content_settings(seen: Digest) -> ContentSettings:
    return ContentSettings(content_type="application/octet-stream", content_md5=bytearray(seen.digest.digest()))


def count_rows(blob: BlobClient, size: int) -> int:
    """How many rows the Parquet file in the lake has, by its own footer."""
    end = blob.download_blob(size - FOOTER_END, FOOTER_END).readall()
    length = min(size, FOOTER_END + int.from_bytes(end[:4], "little"))
    footer = blob.download_blob(size - length, length).readall()
    try:
        return int(pq.read_metadata(pa.BufferReader(footer)).num_rows)
    except (OSError, pa.ArrowException) as error:
        raise JobError(f"{blob.blob_name} is no Parquet file after it was written: run the pipeline again.") from error
