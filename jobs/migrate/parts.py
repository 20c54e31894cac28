"""The table in parts of fixed ranges of ids: those that differ are brought into a staging table, several side by side.

A part and its record are committed together, so a run that was killed goes on where it was. A part is brought again
only if the source has changed in it: what it holds is known by its fingerprint.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from decimal import Decimal
from queue import Empty, SimpleQueue

from psycopg2.extensions import ISOLATION_LEVEL_REPEATABLE_READ, connection

from jobs.migrate import fingerprint
from jobs.migrate.fingerprint import Fingerprint
from jobs.migrate.stream import stream_rows
from jobs.postgres.connection import Database, open_connection
from jobs.terminal import Advance

BITS = 12  # 4,096 ids a part: about 9 MB, some seconds on a slow line
CONNECTIONS = 4
STAGING = """
CREATE TABLE IF NOT EXISTS migrate_staging WITH (toast_tuple_target = 8160) AS
    SELECT id, filepath, emotion, vector FROM imagenes_fer WITH NO DATA;
ALTER TABLE migrate_staging ALTER id SET NOT NULL, ALTER filepath SET NOT NULL, ALTER emotion SET NOT NULL,
    ALTER vector SET NOT NULL;
CREATE TABLE IF NOT EXISTS migrate_part (number bigint PRIMARY KEY, rows bigint, first numeric, second numeric);
"""
DROP = "DROP TABLE IF EXISTS migrate_staging, migrate_part"
NUMBERS = "SELECT id >> %s, count(*) FROM imagenes_fer GROUP BY 1 ORDER BY 1"
READ_RECORD = "SELECT rows, first, second FROM migrate_part WHERE number = %s"
WRITE_RECORD = "INSERT INTO migrate_part (number, rows, first, second) VALUES (%s, %s, %s, %s)"
DELETE = "DELETE FROM migrate_staging WHERE {}"
FORGET = "DELETE FROM migrate_part WHERE number = %s"


@dataclass(frozen=True)
class Part:
    """The rows whose ids, but for the last BITS, are `number`; how many the source has."""

    number: int
    rows: int

    @property
    def where(self) -> str:
        return f"id >= {self.number << BITS} AND id < {(self.number + 1) << BITS}"


@dataclass(frozen=True)
class PartResult:
    """A part that the target has: in its table already (`equal`), or staged, with the bytes that travelled now."""

    part: Part
    fingerprint: Fingerprint
    equal: bool
    bytes: int


@dataclass(frozen=True)
class Transfer:
    """From where to where. Every connection to the source sees what the exported `snapshot` shows."""

    source: Database
    destination: Database
    snapshot: str
    hashes: dict[str, str]


def split_table(here: connection) -> list[Part]:
    with here.cursor() as cursor:
        cursor.execute(NUMBERS, (BITS,))
        return [Part(number, rows) for number, rows in cursor]


def copy_parts(way: Transfer, wanted: Sequence[Part], advance: Advance) -> list[PartResult]:
    """Bring every part. Raises Failure; the parts that were brought before it stay."""
    queue: SimpleQueue[Part] = SimpleQueue()
    for part in wanted:
        queue.put(part)
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        workers = [pool.submit(copy_queued, way, queue, advance) for _ in range(min(CONNECTIONS, len(wanted)))]
        try:
            return [brought for worker in workers for brought in worker.result()]
        except BaseException:
            drain(queue)  # so that the others stop behind their part
            raise


def copy_queued(way: Transfer, queue: "SimpleQueue[Part]", advance: Advance) -> list[PartResult]:
    done = []
    try:
        with open_connection(way.source) as here, open_connection(way.destination) as there:
            here.set_session(isolation_level=ISOLATION_LEVEL_REPEATABLE_READ, readonly=True)
            with here.cursor() as cursor:
                cursor.execute("SET TRANSACTION SNAPSHOT %s", (way.snapshot,))
            while (part := pop_or_none(queue)) is not None:
                done.append(copy_part(way, part, (here, there), advance))
    except BaseException:
        drain(queue)
        raise
    return done


def copy_part(way: Transfer, part: Part, servers: tuple[connection, connection], advance: Advance) -> PartResult:
    here, there = servers
    wanted = fingerprint.table_fingerprint(here, way.hashes, where=part.where)
    staged = read_part_record(there, part)
    equal = staged is None and fingerprint.table_fingerprint(there, way.hashes, where=part.where) == wanted
    if equal or staged == wanted:
        there.rollback()
        advance(part.rows)
        return PartResult(part, wanted, equal, 0)
    with there.cursor() as cursor:
        if staged is not None:
            cursor.execute(DELETE.format(part.where))
            cursor.execute(FORGET, (part.number,))
        size = stream_rows(here, there, part.where, "migrate_staging", advance)
        cursor.execute(WRITE_RECORD, (part.number, *wanted))
    there.commit()
    return PartResult(part, wanted, False, size)


def read_part_record(there: connection, part: Part) -> Fingerprint | None:
    """The fingerprint of a part that is staged; None if it is not."""
    with there.cursor() as cursor:
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
