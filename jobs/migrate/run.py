"""Make the target's table equal to the source's, bit for bit, in one transaction that commits only if they are.

Ids are kept, changed rows change, deleted rows are deleted. A run that is killed leaves the table as it was, and the
next one goes on with what was staged. A second run changes nothing.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Self

from psycopg2.extensions import ISOLATION_LEVEL_REPEATABLE_READ, connection

from jobs import terminal
from jobs.errors import ErrorKind, JobError
from jobs.migrate import fingerprint
from jobs.migrate.fingerprint import Fingerprint
from jobs.migrate.finish import Changes, apply_staging, copy_record
from jobs.migrate.parts import CREATE_STAGING, DROP_STAGING, PartResult, Transfer, copy_parts, split_table
from jobs.migrate.pg_dump import stage_dump
from jobs.migrate.source import SourceTable, check_source, read_every_row
from jobs.notice import say_if_slow
from jobs.postgres import schema
from jobs.postgres.connection import Database, acquire_lock, fetch_value, open_connection
from jobs.postgres.roles import create_logins
from jobs.postgres.statement_errors import ServerConnection
from jobs.target import Target

METHODS = ("copy", "pg_dump")
LEAST_KEPT = 10  # at most one of so many rows is deleted without `--delete`


@dataclass(frozen=True)
class TransferResult:
    """The fingerprint that the target must have in the end, the rows and bytes that were copied, and what changed."""

    fingerprint: Fingerprint
    copied: int
    bytes: int
    changes: Changes

    @classmethod
    def from_parts(cls, parts: Sequence[PartResult], changes: Changes) -> Self:
        whole = fingerprint.sum_fingerprints(each.fingerprint for each in parts)
        return cls(whole, sum(each.copied for each in parts), sum(each.bytes for each in parts), changes)


@dataclass(frozen=True, kw_only=True)
class MigrateResult:
    """`identical`: number of rows, ids, labels and every bit of every vector are the same on both sides.

    `copied` rows and `bytes` are those of this run, without what the target had already. `added`, `changed` and
    `deleted` are rows of the target: a picture of another path is another row, a renamed one is changed.
    """

    rows: int
    added: int
    changed: int
    deleted: int
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
        changes = f"{self.added} added, {self.changed} changed, {self.deleted} deleted"
        return f"{self.rows} rows on both sides, identical bit for bit: {changes}; by {self.method}, {copied}"


def migrate_table(
    source_database: Database, target_database: Database, method: str = "copy", delete: bool = False
) -> MigrateResult:
    """Make the tables equal. Raises JobError if they are not in the end: the target's is then as it was before.

    Without `delete` it refuses to empty the target's table, or to delete more than a tenth of its rows.
    """
    started = time.perf_counter()
    if isinstance(target_database, Target):
        create_logins(target_database)
    with open_connection(source_database, only_read=True) as source, open_connection(target_database) as target:
        read_every_row(source)
        table = check_source(source, source_database)
        source.rollback()
        schema.upgrade_schema(target)
        read_every_row(target)
        acquire_lock(target, "migrate")
        source.set_session(isolation_level=ISOLATION_LEVEL_REPEATABLE_READ, readonly=True)
        hashes = fingerprint.choose_hashes(source, target)
        snapshot = str(fetch_value(source, "SELECT pg_export_snapshot()"))
        transfer = Transfer(source_database, target_database, snapshot, hashes, table.relation)
        results = stage_table(transfer, table, (source, target), method)
        with dropped_staging_on_error(target):
            changes = apply_staging(target, results, partial(check_deletions, source, target, delete))
            copy_record(source, target)
            result = TransferResult.from_parts(results, changes)
            with say_if_slow("Comparing the copy with the source"):
                check_equal(target, hashes, result.fingerprint)
        target.commit()
    return to_result(result, method, time.perf_counter() - started)


def stage_table(
    transfer: Transfer, table: SourceTable, servers: tuple[connection, connection], method: str
) -> list[PartResult]:
    """Stage the parts that the target does not have; those of `copy` are committed one by one."""
    source, target = servers
    with target.cursor() as cursor:
        cursor.execute(CREATE_STAGING)
    target.commit()
    if method == "pg_dump":
        return stage_dump(transfer, table, servers)
    parts = split_table(source, transfer.relation)
    with terminal.progress("migrate", sum(part.rows for part in parts)) as advance:
        return copy_parts(transfer, parts, advance)


def check_deletions(source: ServerConnection, target: ServerConnection, delete: bool, changes: Changes) -> None:
    """Raises JobError if more than a tenth of the target's rows would be deleted, and `delete` does not allow it."""
    if delete or changes.deleted * LEAST_KEPT <= changes.before:
        return
    rows = changes.before + changes.added - changes.deleted
    raise JobError(
        f"The source {source.address} has {rows} rows. The target {target.address} has {changes.before}, and "
        f"{changes.deleted} of them would be deleted. If that is right, run `python -m jobs migrate` with the same "
        "options and `--delete`; else name the right source with `--source URL`.",
        ErrorKind.conflict,
    )


def check_equal(target: connection, hashes: dict[str, str], expected: Fingerprint) -> None:
    """Raises JobError unless the target's table has the source's fingerprint."""
    if fingerprint.table_fingerprint(target, hashes) != expected:
        raise JobError(
            "The target's table differs from the source's after the copy: run the same command again.",
            ErrorKind.conflict,
        )


@contextmanager
def dropped_staging_on_error(target: connection) -> Iterator[None]:
    """Drop the staging tables after a refusal: they are of a wrong source, or the table changes rows inserted."""
    try:
        yield
    except JobError:
        target.rollback()
        with target.cursor() as cursor:
            cursor.execute(DROP_STAGING)
        target.commit()
        raise


def to_result(result: TransferResult, method: str, seconds: float) -> MigrateResult:
    return MigrateResult(
        rows=result.fingerprint[0],
        added=result.changes.added,
        changed=result.changes.changed,
        deleted=result.changes.deleted,
        copied=result.copied,
        bytes=result.bytes,
        seconds=round(seconds, 3),
        identical=True,
        method=method,
        rows_per_second=round(result.fingerprint[0] / seconds, 1),
        megabytes_per_second=round(result.bytes / 1e6 / seconds, 3),
    )
