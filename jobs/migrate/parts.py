"""The table in parts, each a fixed range of ids. Those that differ are copied into a staging table, some in parallel.

A part and its record are committed together, so a run that was killed goes on where it stopped. A staged part is copied
again only if the source has changed in it, which its fingerprint shows.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from decimal import Decimal
from queue import Empty, SimpleQueue

from psycopg2.extensions import ISOLATION_LEVEL_REPEATABLE_READ, connection

from jobs.migrate import fingerprint
from jobs.migrate.fingerprint import Fingerprint
from jobs.migrate.source import read_every_row
from jobs.migrate.stream import stream_rows
from jobs.postgres.connection import Database, open_connection
from jobs.terminal import Advance

PART_BITS = 12  # 4,096 ids a part: about 9 MB, some seconds on a slow line
CONNECTIONS = 4
CREATE_STAGING = """
CREATE TABLE IF NOT EXISTS migrate_staging WITH (toast_tuple_target = 8160) AS
    SELECT id::bigint, filepath, emotion, vector FROM imagenes_fer WITH NO DATA;
ALTER TABLE migrate_staging ALTER id SET NOT NULL, ALTER filepath SET NOT NULL, ALTER emotion SET NOT NULL,
    ALTER vector SET NOT NULL;
CREATE TABLE IF NOT EXISTS migrate_part (number bigint PRIMARY KEY, rows bigint, first numeric, second numeric);
"""
DROP_STAGING = "DROP TABLE IF EXISTS migrate_staging, migrate_part"
LIST_PARTS = "SELECT id >> %s, count(*) FROM {} GROUP BY 1 ORDER BY 1"
READ_RECORD = "SELECT rows, first, second FROM migrate_part WHERE number = %s"
WRITE_RECORD = "INSERT INTO migrate_part (number, rows, first, second) VALUES (%s, %s, %s, %s)"
DELETE_PART = "DELETE FROM migrate_staging WHERE {}"
DELETE_RECORD = "DELETE FROM migrate_part WHERE number = %s"


@dataclass(frozen=True)
class Part:
    """The rows whose ids, without the last PART_BITS bits, are `number`. `rows` is how many the source has."""

    number: int
    rows: int

    @property
    def where(self) -> str:
        return f"id >= {self.number << PART_BITS} AND id < {(self.number + 1) << PART_BITS}"


@dataclass(frozen=True)
class PartResult:
    """A part that the target has now: in its table already (`equal`) or staged. `copied` rows are those of this run."""

    part: Part
    fingerprint: Fingerprint
    equal: bool
    copied: int = 0
    bytes: int = 0


@dataclass(frozen=True)
class Transfer:
    """What to copy from and to. Every connection to the source sees the exported `snapshot`.

    `relation` is the FROM item that gives the source's rows.
    """

    source_database: Database
    target_database: Database
    snapshot: str
    hashes: dict[str, str]
    relation: str = "imagenes_fer"


def split_table(source: connection, relation: str = "imagenes_fer") -> list[Part]:
    """The parts that have rows, in order of their ids."""
    with source.cursor() as cursor:
        cursor.execute(LIST_PARTS.format(relation), (PART_BITS,))
        return [Part(number, rows) for number, rows in cursor]


def copy_parts(transfer: Transfer, wanted: Sequence[Part], advance: Advance) -> list[PartResult]:
    """Copy every part. Raises JobError; parts that were staged before it stay."""
    queue: SimpleQueue[Part] = SimpleQueue()
    for part in wanted:
        queue.put(part)
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        workers = [pool.submit(copy_queued, transfer, queue, advance) for _ in range(min(CONNECTIONS, len(wanted)))]
        try:
            return [result for worker in workers for result in worker.result()]
        except BaseException:
            drain(queue)  # so that the other workers stop after their part
            raise


def copy_queued(transfer: Transfer, queue: "SimpleQueue[Part]", advance: Advance) -> list[PartResult]:
    """Copy parts from the queue until it is empty, over two connections of this worker's own."""
    results = []
    try:
        with (
            open_connection(transfer.source_database, only_read=True) as source,
            open_connection(transfer.target_database) as target,
        ):
            read_every_row(source)
            read_every_row(target)
            source.set_session(isolation_level=ISOLATION_LEVEL_REPEATABLE_READ, readonly=True)
            with source.cursor() as cursor:
                cursor.execute("SET TRANSACTION SNAPSHOT %s", (transfer.snapshot,))
            while (part := pop_or_none(queue)) is not None:
                results.append(copy_part(transfer, part, (source, target), advance))
    except BaseException:
        drain(queue)
        raise
    return results


def copy_part(transfer: Transfer, part: Part, servers: tuple[connection, connection], advance: Advance) -> PartResult:
    """Stage one part, unless the target has it already."""
    source, target = servers
    wanted = fingerprint.table_fingerprint(source, transfer.hashes, transfer.relation, part.where)
    staged = read_part_record(target, part)
    equal = staged is None and fingerprint.table_fingerprint(target, transfer.hashes, where=part.where) == wanted
    if equal or staged == wanted:
        target.rollback()
        advance(part.rows)
        return PartResult(part, wanted, equal)
    with target.cursor() as cursor:
        if staged is not None:
            cursor.execute(DELETE_PART.format(part.where))
            cursor.execute(DELETE_RECORD, (part.number,))
        size = stream_rows(source, target, f"{transfer.relation} WHERE {part.where}", "migrate_staging", advance)
        cursor.execute(WRITE_RECORD, (part.number, *wanted))
    target.commit()
    return PartResult(part, wanted, False, wanted[0], size)


def read_part_record(target: connection, part: Part) -> Fingerprint | None:
    """The fingerprint of a staged part; None if it is not staged."""
    with target.cursor() as cursor:
        cursor.execute(READ_RECORD, (part.number,))
        row = cursor.fetchone()
    return (int(row[0]), Decimal(row[1]), Decimal(row[2])) if row else None


def pop_or_none(queue: "SimpleQueue[Part]") -> Part | None:
    try:
        return queue.get_nowait()
    except Empty:
        return None


def drain(queue: "SimpleQueue[Part]") -> None:
    while pop_or_none(queue) is not None:
        pass
