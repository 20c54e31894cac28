"""migrate: make the target's table equal to the source's, bit for bit, in one transaction that commits once proven.

Ids are kept, changed rows change, deleted rows go. Killed, it leaves the table as it was, and what had travelled is
there for the next run; twice, it changes nothing.
"""

import time
from dataclasses import dataclass

from psycopg2.extensions import ISOLATION_LEVEL_REPEATABLE_READ, connection

from jobs import terminal
from jobs.errors import Failure
from jobs.migrate import fingerprint
from jobs.migrate.fingerprint import Fingerprint
from jobs.migrate.finish import copy_record, put_in_place
from jobs.migrate.parts import DROP, STAGING, Way, bring, parts_of
from jobs.migrate.pg_dump import dump
from jobs.postgres import schema
from jobs.postgres.connection import Database, connected, lock, one

METHODS = ("copy", "pg_dump")


@dataclass(frozen=True)
class Moved:
    """What both sides must have in the end; the rows and bytes that travelled for it."""

    wanted: Fingerprint
    copied: int
    bytes: int


@dataclass(frozen=True, kw_only=True)
class Result:
    """`identical`: count, ids, labels and every bit of every vector are the same on both sides.

    `copied` rows and `bytes` travelled in this run: what the target had already did not.
    """

    rows: int
    copied: int
    bytes: int
    seconds: float
    identical: bool
    method: str
    rows_per_second: float
    megabytes_per_second: float

    def summary(self) -> str:
        speed = f"{self.rows_per_second:,.0f} rows/s, {self.megabytes_per_second:,.1f} MB/s"
        travelled = f"{self.copied} of them copied, {self.bytes / 1e6:,.1f} MB in {self.seconds:.1f} s: {speed}"
        return f"{self.rows} rows on both sides, identical bit for bit; by {self.method}, {travelled}"


def run(source: Database, destination: Database, method: str = "copy") -> Result:
    """Raises Failure when the two tables are not equal in the end; the target's is then as it was."""
    started = time.perf_counter()
    with connected(source) as here, connected(destination) as there:
        schema.upgrade(here)
        schema.upgrade(there)
        lock(there, "migrate")
        here.set_session(isolation_level=ISOLATION_LEVEL_REPEATABLE_READ, readonly=True)
        hashes = fingerprint.hashes(here, there)
        snapshot = str(one(here, "SELECT pg_export_snapshot()"))
        if method == "copy":
            moved = copy(here, there, Way(source, destination, snapshot, hashes))
        else:
            wanted = fingerprint.of(here, hashes)
            moved = Moved(wanted, wanted[0], dump(source, snapshot, there))
        copy_record(here, there)
        if fingerprint.of(there, hashes) != moved.wanted:
            there.rollback()
            forget(there)
            raise Failure("The target's table differs from the source's after the copy: run the same command again.")
        there.commit()
    return result(moved, method, time.perf_counter() - started)


def copy(here: connection, there: connection, way: Way) -> Moved:
    """Bring what differs, part by part, and put it in place."""
    wanted = parts_of(here)
    with there.cursor() as cursor:
        cursor.execute(STAGING)
    there.commit()
    with terminal.progress("migrate", sum(part.rows for part in wanted)) as advance:
        brought = bring(way, wanted, advance)
    put_in_place(there, brought)
    copied = sum(each.part.rows for each in brought if each.bytes)
    whole = fingerprint.total(each.fingerprint for each in brought)
    return Moved(whole, copied, sum(each.bytes for each in brought))


def forget(there: connection) -> None:
    """Drop what was staged: somebody has changed it, or the table does not take it as it is."""
    with there.cursor() as cursor:
        cursor.execute(DROP)
    there.commit()


def result(moved: Moved, method: str, seconds: float) -> Result:
    return Result(
        rows=moved.wanted[0],
        copied=moved.copied,
        bytes=moved.bytes,
        seconds=round(seconds, 3),
        identical=True,
        method=method,
        rows_per_second=round(moved.wanted[0] / seconds, 1),
        megabytes_per_second=round(moved.bytes / 1e6 / seconds, 3),
    )
