"""Read the whole table in binary, in groups of rows, as of one moment. `export` and `index` start from this."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import psycopg2
from numpy.typing import NDArray
from psycopg2.extensions import ISOLATION_LEVEL_REPEATABLE_READ, connection, cursor

from jobs.errors import ErrorKind, JobError
from jobs.libpq import error_reason
from jobs.postgres.copy import HEADER, TRAILER, Vector

DIMENSIONS = 512
GROUP_ROWS = 4096  # 8 MB of vectors: larger groups are slower because they do not fit into the processor's cache
VECTORS = "COPY (SELECT id, vector FROM imagenes_fer {} ORDER BY id LIMIT {}) TO STDOUT (FORMAT BINARY)"
LABELS = "SELECT filepath, emotion FROM imagenes_fer {} ORDER BY id LIMIT {}"
# https://www.postgresql.org/docs/current/sql-copy.html, "Binary Format": the number of fields, then length and bytes of
# each. Every row has the same length, so numpy reads all of them without parsing.
ROW = np.dtype(
    [
        ("fields", ">i2"),
        ("id_bytes", ">i4"),
        ("id", ">i8"),
        ("vector_bytes", ">i4"),
        ("dimensions", ">u2"),
        ("unused", ">u2"),
        ("vector", ">f4", DIMENSIONS),
    ]
)


@dataclass(frozen=True)
class Rows:
    """n rows: `ids` (n,) int64, `vectors` (n, 512) float32, `filepaths` and `emotions` lists of n."""

    ids: NDArray[np.int64]
    filepaths: list[str]
    emotions: list[str]
    vectors: Vector


class CopyBuffer:
    """A file for COPY to write to. The server sends each row as one message."""

    def __init__(self) -> None:
        self.messages: list[bytes] = []

    def write(self, message: bytes, /) -> int:
        self.messages.append(message)
        return len(message)


def read_rows(db: connection) -> Iterator[Rows]:
    """Every row, ordered by id, all as of the first group. No transaction may be open on `db`; one stays open after it.

    Raises JobError if the table has other columns, or a row without a vector of 512.
    """
    db.set_session(isolation_level=ISOLATION_LEVEL_REPEATABLE_READ, readonly=True)
    with db.cursor() as cursor:
        rows = read_group(cursor, "")
        while len(rows.ids):
            yield rows
            rows = read_group(cursor, f"WHERE id > {rows.ids[-1]}")


def read_group(cursor: cursor, where: str) -> Rows:
    """The next rows. Vectors and labels are read apart: only fields of a fixed length need no parser."""
    received = CopyBuffer()
    try:
        cursor.copy_expert(VECTORS.format(where, GROUP_ROWS), received)
        cursor.execute(LABELS.format(where, GROUP_ROWS))
    except psycopg2.ProgrammingError as error:
        raise JobError(
            f"imagenes_fer has other columns than expected ({error_reason(error)}): run `python -m jobs migrate`.",
            ErrorKind.conflict,
        ) from error
    labels = cursor.fetchall()
    data = b"".join(received.messages)
    if len(data) != len(HEADER) + len(labels) * ROW.itemsize + len(TRAILER):
        raise JobError(
            "Some rows of imagenes_fer have no vector of 512 numbers: delete them, then run the same command again.",
            ErrorKind.invalid,
        )
    fields = np.frombuffer(data, ROW, len(labels), len(HEADER))
    return Rows(
        ids=fields["id"].astype(np.int64),
        filepaths=[filepath for filepath, _ in labels],
        emotions=[emotion for _, emotion in labels],
        vectors=fields["vector"].astype(np.float32),
    )
