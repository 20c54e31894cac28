"""migrate: make the target's table equal to the source's, bit for bit, in one transaction that commits once proven.

Ids are kept, changed rows change, deleted rows go. Killed, it leaves the table as it was, and what had travelled is
there for the next run; twice, it changes nothing.
"""

import time
from dataclasses import dataclass

from psycopg2.extensions import ISOLATION_LEVEL_REPEATABLE_READ, connection

from jobs import terminal
from jobs.errors import JobError
from jobs.migrate import fingerprint
from jobs.migrate.fingerprint import Fingerprint
from jobs.migrate.finish import apply_staging, copy_record
from jobs.migrate.parts import DROP, STAGING, Transfer, copy_parts, split_table
from jobs.migrate.pg_dump import dump_and_restore
from jobs.postgres import schema
from jobs.postgres.connection import Database, fetch_value, open_connection, take_lock

METHODS = ("copy", "pg_dump")


@dataclass(frozen=True)
class Transferred:
    """What both sides must have in the end; the rows and bytes that travelled for it."""

    wanted: Fingerprint
    copied: int
    bytes: int


@dataclass(frozen=True, kw_only=True)
class MigrateResult:
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


def migrate_table(source: Database, destination: Database, method: str = "copy") -> MigrateResult:
    """Raises Failure when the two tables are not equal in the end; the target's is then as it was."""
    started = time.perf_counter()
    with open_connection(source) as here, open_connection(destination) as there:
        schema.upgrade_schema(here)
        schema.upgrade_schema(there)
        take_lock(there, "migrate")
        here.set_session(isolation_level=ISOLATION_LEVEL_REPEATABLE_READ, readonly=True)
        hashes = fingerprint.choose_hashes(here, there)
        snapshot = str(fetch_value(here, "SELECT pg_export_snapshot()"))
        if method == "copy":
            moved = copy_table(here, there, Transfer(source, destination, snapshot, hashes))
        else:
            wanted = fingerprint.table_fingerprint(here, hashes)
            moved = Transferred(wanted, wanted[0], dump_and_restore(source, snapshot, there))
        copy_record(here, there)
        if fingerprint.table_fingerprint(there, hashes) != moved.wanted:
            there.rollback()
            drop_staging(there)
            raise JobError("The target's table differs from the source's after the copy: run the same command again.")
        there.commit()
    return to_result(moved, method, time.perf_counter() - started)


def copy_table(here: connection, there: connection, way: Transfer) -> Transferred:
    """Bring what differs, part by part, and put it in place."""
    wanted = split_table(here)
    with there.cursor() as cursor:
        cursor.execute(STAGING)
    there.commit()
    with terminal.progress("migrate", sum(part.rows for part in wanted)) as advance:
        brought = copy_parts(way, wanted, advance)
    apply_staging(there, brought)
    copied = sum(each.part.rows for each in brought if each.bytes)
    whole = fingerprint.sum_fingerprints(each.fingerprint for each in brought)
    return Transferred(whole, copied, sum(each.bytes for each in brought))


def drop_staging(there: connection) -> None:
    """Drop what was staged: somebody has changed it, or the table does not take it as it is."""
    with there.cursor() as cursor:
        cursor.execute(DROP)
    there.commit()


def to_result(moved: Transferred, method: str, seconds: float) -> MigrateResult:
    return MigrateResult(
        rows=moved.wanted[0],
        copied=moved.copied,
        bytes=moved.bytes,
        seconds=round(seconds, 3),
        identical=True,
        method=method,
        rows_per_second=round(moved.wanted[0] / seconds, 1),
        megabytes_per_second=round(moved.bytes / 1e6 / seconds, 3),
    )
