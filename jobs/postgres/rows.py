"""Read the table whole, in binary and some rows at a time, as of one moment: what `export` and `index` start from."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import psycopg2
from numpy.typing import NDArray
from psycopg2.extensions import ISOLATION_LEVEL_REPEATABLE_READ, connection, cursor

from jobs.embed.known import has_rows as any_row
from jobs.embed.known import read_provenance
from jobs.errors import JobError
from jobs.postgres.connection import error_reason, fetch_value
from jobs.postgres.copy import HEADER, TRAILER, Vector
from jobs.provenance import Provenance

DIMENSIONS = 512
GROUP_ROWS = 4096  # 8 MB of vectors: larger groups are slower, they leave the processor's cache
VECTORS = "COPY (SELECT id, vector FROM imagenes_fer {} ORDER BY id LIMIT {}) TO STDOUT (FORMAT BINARY)"
LABELS = "SELECT filepath, emotion FROM imagenes_fer {} ORDER BY id LIMIT {}"
# https://www.postgresql.org/docs/current/sql-copy.html, "Binary Format": the number of fields, then length and bytes of
# each. Both are as long in every row, so that numpy finds them without taking rows apart.
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
    """n rows of the table: `ids` (n,) int64, `vectors` (n, 512) float32, the others lists of n."""

    ids: NDArray[np.int64]
    filepaths: list[str]
    emotions: list[str]
    vectors: Vector


class CopyBuffer:
    """Something for COPY to write to: the server sends each row as one message."""

    def __init__(self) -> None:
        self.messages: list[bytes] = []

    def write(self, message: bytes, /) -> int:
        self.messages.append(message)
        return len(message)


def require_provenance(db: connection) -> Provenance:
    """What filled the table. Raises Failure when nothing did."""
    known = read_provenance(db) if fetch_value(db, "SELECT to_regclass('embedding') IS NOT NULL") else None
    if known is None and fetch_value(db, "SELECT to_regclass('imagenes_fer') IS NOT NULL") and any_row(db):
        raise JobError("The target's rows are of unknown weights: run `python -m jobs embed DIR --replace`, `migrate`.")
    if known is None:
        raise JobError("The target's database holds no vectors: run `python -m jobs migrate`.")
    return known


def read_rows(db: connection) -> Iterator[Rows]:
    """Every row by its id, all as of the first one. No transaction may be open on `db`; one is left open behind.

    Raises Failure where the table has other columns, or a row no vector of 512.
    """
    db.set_session(isolation_level=ISOLATION_LEVEL_REPEATABLE_READ, readonly=True)
    with db.cursor() as cursor:
        rows = read_group(cursor, "")
        while len(rows.ids):
            yield rows
            rows = read_group(cursor, f"WHERE id > {rows.ids[-1]}")


def read_group(cursor: cursor, where: str) -> Rows:
    """The next rows. Vectors come apart from the labels: only what is as long in every row needs no parser."""
    received = CopyBuffer()
    try:
        cursor.copy_expert(VECTORS.format(where, GROUP_ROWS), received)
        cursor.execute(LABELS.format(where, GROUP_ROWS))
    except psycopg2.ProgrammingError as error:
        raise JobError(
            f"imagenes_fer is another table here ({error_reason(error)}): run `python -m jobs migrate`."
        ) from error
    labels = cursor.fetchall()
    data = b"".join(received.messages)
    if len(data) != len(HEADER) + len(labels) * ROW.itemsize + len(TRAILER):
        raise JobError(
            "Rows of imagenes_fer have no vector of 512 numbers: delete them, and run the same command again."
        )
    found = np.frombuffer(data, ROW, len(labels), len(HEADER))
    return Rows(
        ids=found["id"].astype(np.int64),
        filepaths=[filepath for filepath, _ in labels],
        emotions=[emotion for _, emotion in labels],
        vectors=found["vector"].astype(np.float32),
    )
