"""Rows from one server to another as PostgreSQL sends them: none is taken apart, memory stays flat."""

import io
import os
from concurrent.futures import ThreadPoolExecutor

from psycopg2.extensions import connection

from jobs.terminal import Advance

PIPE_BYTES = 256 * 1024
TOLD_ROWS = 512
SEND = "COPY (SELECT id, filepath, emotion, vector FROM imagenes_fer WHERE {} ORDER BY id) TO STDOUT (FORMAT BINARY)"
RECEIVE = "COPY {} (id, filepath, emotion, vector) FROM STDIN (FORMAT BINARY)"


def stream_rows(here: connection, there: connection, where: str, table: str, advance: Advance) -> int:
    """Copy rows of imagenes_fer into a table there, through a pipe; how many bytes travelled."""
    read_end, write_end = os.pipe()
    with ThreadPoolExecutor(1) as pool:
        sent = pool.submit(send_rows, here, write_end, where, advance)
        try:
            with io.BufferedReader(io.FileIO(read_end), PIPE_BYTES) as pipe, there.cursor() as cursor:
                cursor.copy_expert(RECEIVE.format(table), pipe, PIPE_BYTES)
        except BaseException:
            sent.result()  # a sender that broke off is the cause of what the receiver complains about
            raise
        return sent.result()


def send_rows(here: connection, write_end: int, where: str, advance: Advance) -> int:
    with io.BufferedWriter(io.FileIO(write_end, "w"), PIPE_BYTES) as pipe, here.cursor() as cursor:
        rows = Rows(pipe, advance)
        cursor.copy_expert(SEND.format(where), rows)
        advance(rows.untold - 1)  # the trailer is no row
        return rows.bytes


class Rows:
    """A stream to write to that counts: the server sends each row as one message,."""

    def __init__(self, pipe: io.BufferedIOBase, advance: Advance) -> None:
        self.bytes = self.untold = 0
        self._pipe, self._advance = pipe, advance

    def write(self, row: bytes, /) -> int:
        self.bytes += len(row)
        self.untold += 1
        if self.untold == TOLD_ROWS:
            self._advance(TOLD_ROWS)
            self.untold = 0
        return self._pipe.write(row)
