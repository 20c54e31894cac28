"""migrate: make the target's table equal to the source's, bit for bit, in one transaction that commits once proven.

Ids are kept, changed rows change, deleted rows go. Killed, it leaves the target as it was; twice, it changes nothing.
"""

import io
import os
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from psycopg2.extensions import ISOLATION_LEVEL_REPEATABLE_READ, connection

from jobs import schema, terminal
from jobs.failure import Failure
from jobs.pg_dump import dump
from jobs.postgres import connected, lock

METHODS = ("copy", "pg_dump")
PIPE_BYTES = 256 * 1024
# A sum of hashes needs no order and no memory, whatever the number of rows.
FINGERPRINT = """
SELECT count(*), sum(('x' || left(hash, 16))::bit(64)::bigint), sum(('x' || right(hash, 16))::bit(64)::bigint) FROM (
    SELECT md5(vector_send(vector) || convert_to(concat_ws('/', id, emotion, filepath), 'UTF8')) AS hash
    FROM imagenes_fer
) AS hashed
"""
DELETE_OTHERS = """
DELETE FROM imagenes_fer t WHERE NOT EXISTS (
    SELECT 1 FROM staging s WHERE s.id = t.id AND s.filepath = t.filepath AND s.emotion = t.emotion
    AND vector_send(s.vector) = vector_send(t.vector)
)
"""
INSERT_MISSING = """
INSERT INTO imagenes_fer (id, filepath, emotion, vector)
SELECT id, filepath, emotion, vector FROM staging s WHERE NOT EXISTS (SELECT 1 FROM imagenes_fer t WHERE t.id = s.id)
"""
SEND = "COPY (SELECT id, filepath, emotion, vector FROM imagenes_fer ORDER BY id) TO STDOUT (FORMAT BINARY)"
RECEIVE = "COPY {} (id, filepath, emotion, vector) FROM STDIN (FORMAT BINARY)"
READ_RECORD = "SELECT weights, weights_sha256, precision, last_id FROM embedding"
WRITE_RECORD = """
INSERT INTO embedding (weights, weights_sha256, precision, last_id) VALUES (%s, %s, %s, %s)
"""
SET_SEQUENCE = """
SELECT setval(pg_get_serial_sequence('imagenes_fer', 'id'),
              greatest((SELECT max(id) FROM imagenes_fer), (SELECT last_id FROM embedding), 1))
"""


@dataclass(frozen=True, kw_only=True)
class Result:
    """`identical`: count, ids, labels and every bit of every vector are the same on both sides."""

    rows: int
    seconds: float
    identical: bool
    method: str
    rows_per_second: float

    def summary(self) -> str:
        speed = f"{self.seconds:.1f} s, {self.rows_per_second:,.0f} rows/s"
        return f"{self.rows} rows on both sides, identical bit for bit ({self.method}, {speed})"


def run(source: str, destination: str, method: str = "copy") -> Result:
    """Both are libpq URLs.

    Raises Failure when the two tables are not equal in the end; the target's is then as it was (`copy`).
    """
    started = time.perf_counter()
    with connected(source) as here, connected(destination) as there:
        schema.upgrade(here)
        schema.upgrade(there)
        lock(there, "migrate")
        here.set_session(isolation_level=ISOLATION_LEVEL_REPEATABLE_READ, readonly=True)
        wanted = fingerprint(here)
        if method == "copy":
            copy(here, there, wanted[0])
        else:
            dump(here, (source, destination))
        copy_record(here, there)
        if fingerprint(there) != wanted:
            raise Failure("The target's table differs from the source's after the copy: run the same command again.")
        there.commit()
    seconds = time.perf_counter() - started
    return Result(
        rows=wanted[0],
        seconds=round(seconds, 3),
        identical=True,
        method=method,
        rows_per_second=round(wanted[0] / seconds, 1),
    )


def fingerprint(db: connection) -> tuple[int, Any, Any]:
    """The number of rows, and 128 bits that change with any of them."""
    with db.cursor() as cursor:
        cursor.execute(FINGERPRINT)
        row = cursor.fetchone()
    return row or (0, None, None)


def copy(here: connection, there: connection, rows: int) -> None:
    """Stream the table; straight into an empty one, else beside it to change only what differs."""
    with there.cursor() as cursor:
        cursor.execute("LOCK TABLE imagenes_fer IN SHARE ROW EXCLUSIVE MODE")
        cursor.execute("SELECT EXISTS (SELECT 1 FROM imagenes_fer)")
        if cursor.fetchone() == (False,):
            stream(here, there, "imagenes_fer", rows)
            return
        cursor.execute("CREATE TEMP TABLE staging (LIKE imagenes_fer) ON COMMIT DROP")
        stream(here, there, "staging", rows)
        cursor.execute("ALTER TABLE staging ADD PRIMARY KEY (id)")
        cursor.execute("ANALYZE staging")
        cursor.execute(DELETE_OTHERS)
        cursor.execute(INSERT_MISSING)


def stream(here: connection, there: connection, table: str, rows: int) -> None:
    """Pass the rows on as PostgreSQL sends them, through a pipe: no row is taken apart, memory stays flat."""
    read_end, write_end = os.pipe()
    with ThreadPoolExecutor(1) as pool, terminal.progress("migrate", rows) as advance:
        sent = pool.submit(send, here, write_end, advance)
        try:
            with io.BufferedReader(io.FileIO(read_end), PIPE_BYTES) as pipe, there.cursor() as cursor:
                cursor.copy_expert(RECEIVE.format(table), pipe)
        except Exception:
            sent.result()  # a sender that broke off is the cause of what the receiver complains about
            raise
        sent.result()


def send(here: connection, write_end: int, advance: terminal.Advance) -> None:
    with io.BufferedWriter(io.FileIO(write_end, "w"), PIPE_BYTES) as pipe, here.cursor() as cursor:
        cursor.copy_expert(SEND, Rows(pipe, advance))


class Rows:
    """A stream to write to that counts: the server sends each row as one message."""

    def __init__(self, pipe: io.BufferedIOBase, advance: terminal.Advance) -> None:
        self._pipe, self._advance = pipe, advance

    def write(self, row: bytes, /) -> int:
        self._advance(1)
        return self._pipe.write(row)


def copy_record(here: connection, there: connection) -> None:
    """What filled the table travels with it, and new rows get ids behind the last one."""
    with here.cursor() as source, there.cursor() as cursor:
        source.execute(READ_RECORD)
        cursor.execute("DELETE FROM embedding")
        cursor.executemany(WRITE_RECORD, source.fetchall())
        cursor.execute(SET_SEQUENCE)
