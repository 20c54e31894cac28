"""Build pgvector's HNSW with the memory and workers that the server has, beside the index that searches use."""

import math
import os
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import wait as wait_for_futures
from dataclasses import dataclass

from psycopg2.extensions import connection

from jobs import terminal
from jobs.errors import ErrorKind, JobError
from jobs.postgres import hnsw
from jobs.postgres.connection import Database, fetch_value, open_connection
from jobs.postgres.vector_indexes import HnswVariant
from jobs.wait import wait_until

MIB = 1024 * 1024
WORKER_BYTES = 32 * MIB  # PostgreSQL starts only as many workers as leave this much memory to each
CACHE_DIVISOR = 4  # a build gets this part of the server's memory for caching, which is most of its memory
POLL_SECONDS = 0.5
NEW_INDEX = "imagenes_fer_hnsw_new"
TAKEN_NAMES = """
SELECT c.oid::regclass::text FROM pg_class c JOIN pg_class t USING (relnamespace)
WHERE t.oid = 'imagenes_fer'::regclass AND c.relname = ANY(%s)
"""


@dataclass(frozen=True)
class BuildResources:
    """What a build may use: bytes of memory, and parallel workers beside the leader process."""

    memory: int
    workers: int


def build_hnsw_index(db: connection, database: Database, variant: HnswVariant, rows: int) -> None:
    """Build an index, then drop those that this command made before. Until then, searches use them.

    Raises JobError if something else has the index's name.
    """
    old = [index.name for index in hnsw.list_indexes(db) if index.variant]
    check_names(db, [NEW_INDEX, variant.name])
    resources = plan_resources(db, variant, rows)
    if rows * variant.row_bytes > resources.memory:
        needed, available = rows * variant.row_bytes // MIB, resources.memory // MIB
        terminal.log(f"The index needs {needed} MiB and the server has {available} MiB for it: the build takes longer.")
    with db.cursor() as cursor:
        cursor.execute("SET LOCAL maintenance_work_mem = %s", (f"{resources.memory // 1024}kB",))
        cursor.execute("SET LOCAL max_parallel_maintenance_workers = %s", (resources.workers,))
        run_with_progress(db, database, variant.create_statement(NEW_INDEX), rows)
        for name in old:
            cursor.execute(f"DROP INDEX {name}")
        cursor.execute(f"ALTER INDEX {NEW_INDEX} RENAME TO {variant.name}")


def check_names(db: connection, names: list[str]) -> None:
    """Raises JobError if something that this command did not make has one of the names, in the table's schema."""
    with db.cursor() as cursor:
        cursor.execute(TAKEN_NAMES, (names,))
        taken = {name for (name,) in cursor} - {index.name for index in hnsw.list_indexes(db) if index.variant}
    for name in sorted(taken):
        raise JobError(
            f"{name} is the name of something that this command did not make, and the index needs that name: run "
            f"`ALTER INDEX {name} RENAME TO another_name`, then the same command again.",
            ErrorKind.conflict,
        )


def plan_resources(db: connection, variant: HnswVariant, rows: int) -> BuildResources:
    """What the index needs, within what the server has. Its number of cores is known only if it is this machine."""
    cache_bytes = int(
        fetch_value(db, "SELECT setting::bigint * 8192 FROM pg_settings WHERE name = 'effective_cache_size'")
    )
    current, maximum = read_setting(db, "maintenance_work_mem")
    workers, _ = read_setting(db, "max_parallel_maintenance_workers")
    if db.info.host in ("127.0.0.1", "localhost", "::1"):
        workers = min(workers, (os.cpu_count() or 1) - 1)
    if hnsw.pgvector_version(db) < hnsw.PARALLEL_VERSION:
        workers = 0
    needed = max(rows * variant.row_bytes, (workers + 1) * WORKER_BYTES)
    return BuildResources(max(current * 1024, min(needed, cache_bytes // CACHE_DIVISOR, maximum * 1024)), workers)


def read_setting(db: connection, name: str) -> tuple[int, int]:
    """A setting of the server and its maximum, in the setting's own unit."""
    with db.cursor() as cursor:
        cursor.execute("SELECT setting::bigint, max_val::bigint FROM pg_settings WHERE name = %s", (name,))
        row = cursor.fetchone()
    return row or (0, 0)


def run_with_progress(db: connection, database: Database, statement: str, rows: int) -> None:
    """Run a CREATE INDEX and show its progress, read by a second connection. Ctrl-C cancels it on the server too."""
    with (
        open_connection(database) as observer,
        terminal.progress("index", rows) as advance,
        ThreadPoolExecutor(1) as pool,
        db.cursor() as cursor,
    ):
        statement_done, shown = pool.submit(cursor.execute, statement), 0

        def show_progress() -> bool:
            nonlocal shown
            indexed = read_progress(observer, db.info.backend_pid)
            advance(max(0, indexed - shown))
            shown = max(indexed, shown)
            return statement_done.done()

        def pause(seconds: float) -> None:
            wait_for_futures([statement_done], seconds)

        try:
            wait_until(show_progress, every=POLL_SECONDS, at_most=math.inf, sleep=pause)
            statement_done.result()
        except BaseException:
            db.cancel()
            raise
        advance(max(0, rows - shown))


def read_progress(observer: connection, process: int) -> int:
    """How many rows are in the index so far."""
    done = fetch_value(observer, "SELECT tuples_done FROM pg_stat_progress_create_index WHERE pid = %s", (process,))
    observer.rollback()
    return int(done or 0)
