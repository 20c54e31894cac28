"""The two files of the lake's index, read as data of somebody else: faiss itself never parses them.

faiss's own reader trusts what it reads. The one class that is used here, IndexFlatIP, is a header and its vectors:
https://github.com/facebookresearch/faiss/blob/main/faiss/impl/index_write.cpp (write_index_header)
"""

import struct
from io import BytesIO

import faiss
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from jobs.libpq import error_reason
from jobs.postgres.rows import DIMENSIONS
from jobs.storage.lake import LONGEST_PATH, check_dictionaries, check_row_groups, path_problem

LABELS = pa.schema([("id", pa.int64()), ("emotion", pa.string()), ("filepath", pa.string())])
# Class, dimensions, rows, two numbers that are not used, trained, metric (inner product), count of numbers.
HEADER = struct.Struct("<4siqqq?iQ")
UNUSED = 1 << 20
LABEL_BYTES = 8192  # of one row, uncompressed: LONGEST_PATH and LONGEST_EMOTION in 4 bytes a character, and the id


class DamagedIndexError(Exception):
    """A file of an index that cannot be used. The text is the reason."""


def flat_header(rows: int) -> bytes:
    """The header of an IndexFlatIP of `rows` vectors."""
    return HEADER.pack(b"IxFI", DIMENSIONS, rows, UNUSED, UNUSED, True, 0, rows * DIMENSIONS)


def read_flat_index(data: bytes, rows: int) -> faiss.IndexFlatIP:
    """The index in these bytes. Raises DamagedIndexError for another class, metric, dimension or number of rows."""
    header = flat_header(rows)
    if data[: len(header)] != header or len(data) != len(header) + 4 * rows * DIMENSIONS:
        raise DamagedIndexError(f"the vectors are not a flat index of {rows} x {DIMENSIONS} for the inner product")
    vectors = np.frombuffer(data, dtype="<f4", offset=len(header)).reshape(rows, DIMENSIONS)
    with np.errstate(over="ignore", invalid="ignore"):
        lengths = np.linalg.norm(vectors, axis=1)
    if not np.allclose(lengths, 1, atol=1e-3):  # nor for numbers that are not finite
        raise DamagedIndexError("a vector does not have the length 1")
    index = faiss.IndexFlatIP(DIMENSIONS)
    index.add(vectors)
    return index


def write_labels(labels: pa.Table) -> bytes:
    stream = BytesIO()
    pq.write_table(labels, stream)
    return stream.getvalue()


def read_labels(data: bytes, rows: int) -> pa.Table:
    """The labels in these bytes. Raises DamagedIndexError for another number, other columns, and paths elsewhere."""
    try:
        with pq.ParquetFile(BytesIO(data)) as file:
            check_row_groups(file.metadata)
            size = sum(file.metadata.row_group(n).total_byte_size for n in range(file.metadata.num_row_groups))
            if file.metadata.num_rows != rows or not file.schema_arrow.equals(LABELS):
                raise DamagedIndexError(f"the labels are not {rows} rows of id, emotion, filepath")
            if size > LABEL_BYTES * (rows + 1):
                raise DamagedIndexError("the labels are larger than their rows can be")
            check_dictionaries(BytesIO(data), ("emotion", "filepath"))
            labels = file.read()
            labels.validate(full=True)
    except (pa.ArrowException, ValueError, OSError) as error:
        raise DamagedIndexError(f"the labels are not a Parquet file ({error_reason(error)})") from error
    if labels.num_rows != rows or any(column.null_count for column in labels.columns):
        raise DamagedIndexError("the labels have empty fields")
    for path in labels["filepath"].to_pylist():
        if problem := path_problem(path):
            raise DamagedIndexError(f"the label {path[:LONGEST_PATH]!r} {problem}")
    return labels
