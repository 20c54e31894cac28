"""Make the target's table equal to the source's, bit for bit, in one transaction that commits only if they are.

Ids are kept, changed rows change, deleted rows are deleted. A run that is killed leaves the table as it was, and the
next one goes on with what was staged. A second run changes nothing.
"""

import time
from dataclasses import dataclass

from psycopg2.extensions import ISOLATION_LEVEL_REPEATABLE_READ, connection

from jobs import terminal
from jobs.errors import ErrorKind, JobError
from jobs.migrate import fingerprint
from jobs.migrate.fingerprint import Fingerprint
from jobs.migrate.finish import apply_staging, copy_record
from jobs.migrate.parts import CREATE_STAGING, DROP_STAGING, Transfer, copy_parts, split_table
from jobs.migrate.pg_dump import dump_and_restore
from jobs.notice import say_if_slow
from jobs.postgres import schema
from jobs.postgres.connection import Database, acquire_lock, fetch_value, open_connection

METHODS = ("copy", "pg_dump")


@dataclass(frozen=True)
class TransferResult:
    """The fingerprint that the target must have in the end, and the rows and bytes that were copied."""

    fingerprint: Fingerprint
    copied: int
    bytes: int


@dataclass(frozen=True, kw_only=True)
class MigrateResult:
    """`identical`: number of rows, ids, labels and every bit of every vector are the same on both sides.

    `copied` rows and `bytes` are those of this run, without what the target had already.
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
        copied = f"{self.copied} of them copied, {self.bytes / 1e6:,.1f} MB in {self.seconds:.1f} s: {speed}"
        return f"{self.rows} rows on both sides, identical bit for bit; by {self.method}, {copied}"


def migrate_table(source_database: Database, target_database: Database, method: str = "copy") -> MigrateResult:
    """Make the tables equal. Raises JobError if they are not in the end: the target's is then as it was before."""
    started = time.perf_counter()
    with open_connection(source_database) as source, open_connection(target_database) as target:
        schema.upgrade_schema(source)
        schema.upgrade_schema(target)
        acquire_lock(target, "migrate")
        source.set_session(isolation_level=ISOLATION_LEVEL_REPEATABLE_READ, readonly=True)
        hashes = fingerprint.choose_hashes(source, target)
        snapshot = str(fetch_value(source, "SELECT pg_export_snapshot()"))
        if method == "copy":
            result = copy_table(source, target, Transfer(source_database, target_database, snapshot, hashes))
        else:
            with say_if_slow("Copying the table with pg_dump and pg_restore"):
                expected = fingerprint.table_fingerprint(source, hashes)
                result = TransferResult(expected, expected[0], dump_and_restore(source_database, snapshot, target))
        copy_record(source, target)
        with say_if_slow("Comparing the copy with the source"):
            identical = fingerprint.table_fingerprint(target, hashes) == result.fingerprint
        if not identical:
            target.rollback()
            drop_staging(target)
            raise JobError(
                "The target's table differs from the source's after the copy: run the same command again.",
                ErrorKind.conflict,
            )
        target.commit()
    return to_result(result, method, time.perf_counter() - started)


def copy_table(source: connection, target: connection, transfer: Transfer) -> TransferResult:
    """Copy the parts that differ, and move them into the table."""
    with say_if_slow("Comparing the two tables"):
        parts = split_table(source)
    with target.cursor() as cursor:
        cursor.execute(CREATE_STAGING)
    target.commit()
    with terminal.progress("migrate", sum(part.rows for part in parts)) as advance:
        results = copy_parts(transfer, parts, advance)
    apply_staging(target, results)
    copied = sum(each.part.rows for each in results if each.bytes)
    whole = fingerprint.sum_fingerprints(each.fingerprint for each in results)
    return TransferResult(whole, copied, sum(each.bytes for each in results))


def drop_staging(target: connection) -> None:
    """Drop the staging tables: somebody has changed them, or the table changes rows that are inserted."""
    with target.cursor() as cursor:
        cursor.execute(DROP_STAGING)
    target.commit()


def to_result(result: TransferResult, method: str, seconds: float) -> MigrateResult:
    return MigrateResult(
        rows=result.fingerprint[0],
        copied=result.copied,
        bytes=result.bytes,
        seconds=round(seconds, 3),
        identical=True,
        method=method,
        rows_per_second=round(result.fingerprint[0] / seconds, 1),
        megabytes_per_second=round(result.bytes / 1e6 / seconds, 3),
    )
