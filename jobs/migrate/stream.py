"""Copy rows from one server to another as PostgreSQL sends them, without parsing them. Memory stays flat."""

import io
import os
from concurrent.futures import ThreadPoolExecutor

from psycopg2.extensions import connection

from jobs.terminal import Advance

PIPE_BYTES = 256 * 1024
REPORT_ROWS = 512
SEND = "COPY (SELECT id, filepath, emotion, vector FROM {} ORDER BY id) TO STDOUT (FORMAT BINARY)"
RECEIVE = "COPY {} (id, filepath, emotion, vector) FROM STDIN (FORMAT BINARY)"


def stream_rows(source: connection, target: connection, rows: str, table: str, advance: Advance) -> int:
    """Copy rows into a table of the target, through a pipe; returns the number of bytes. `rows` follows a FROM.

    Raises the error of the side that failed: the other one then only finds the pipe closed.
    """
    read_end, write_end = os.pipe()
    with ThreadPoolExecutor(1) as pool:
        sent = pool.submit(send_rows, source, write_end, rows, advance)
        try:
            with io.BufferedReader(io.FileIO(read_end), PIPE_BYTES) as pipe, target.cursor() as cursor:
                cursor.copy_expert(RECEIVE.format(table), pipe, PIPE_BYTES)
        except BaseException:
            failed = sent.exception()
            if failed is not None and not isinstance(failed, BrokenPipeError):
                raise failed from None
            raise
        return sent.result()


def send_rows(source: connection, write_end: int, rows: str, advance: Advance) -> int:
    """Write the source's rows into the pipe; returns the number of bytes."""
    with io.BufferedWriter(io.FileIO(write_end, "w"), PIPE_BYTES) as pipe, source.cursor() as cursor:
        counter = CountingPipe(pipe, advance)
        cursor.copy_expert(SEND.format(rows), counter)
        advance(counter.unreported - 1)  # the trailer is not a row
        return counter.bytes


class CountingPipe:
    """A writable stream that counts bytes and rows. The server sends each row as one message."""

    def __init__(self, pipe: io.BufferedIOBase, advance: Advance) -> None:
        self.bytes = self.unreported = 0
        self._pipe, self._advance = pipe, advance

    def write(self, row: bytes, /) -> int:
        self.bytes += len(row)
        self.unreported += 1
        if self.unreported == REPORT_ROWS:
            self._advance(REPORT_ROWS)
            self.unreported = 0
        return self._pipe.write(row)
