"""pgvector's HNSW on the table, built after the rows are loaded, with the memory and workers that the server has."""

import math
import os
import time
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import wait as wait_for_futures
from dataclasses import dataclass

from psycopg2.extensions import connection

from jobs import terminal
from jobs.errors import ErrorKind, JobError
from jobs.index.ef_search import tune_ef_search
from jobs.index.inline_vectors import inline_vectors
from jobs.postgres import hnsw, schema
from jobs.postgres.connection import Database, acquire_lock, fetch_value, open_connection
from jobs.postgres.hnsw import HnswVariant
from jobs.wait import wait_until

MIB = 1024 * 1024
WORKER_BYTES = 32 * MIB  # PostgreSQL starts only as many workers as leave this much memory to each
CACHE_DIVISOR = 4  # a build gets this part of the server's memory for caching, which is most of its memory
POLL_SECONDS = 0.5
NEW_INDEX = "imagenes_fer_hnsw_new"
OUTDATED_PGVECTOR = (
    "pgvector {} has bugs that 0.8.4 fixes (parallel builds before 0.8.2, VACUUM before 0.8.3 and deleted rows before "
    "0.8.4 can damage an index): update the server, then run `ALTER EXTENSION vector UPDATE` and `python -m jobs index "
    "--from database --rebuild`."
)


@dataclass(frozen=True, kw_only=True)
class IndexOptions:
    """`halfvec` builds the index on half-precision numbers; `rebuild` builds it again even if it is complete."""

    halfvec: bool = False
    rebuild: bool = False


DEFAULT_OPTIONS = IndexOptions()


@dataclass(frozen=True, kw_only=True)
class HnswIndexResult:
    """`built` is False for an index that was complete already. `recall_at_10` compares searches with exact ones.

    It is None without rows. `ef_search` is the smallest that gives a recall of 0.99, else the largest that was tried:
    searches use it from now on.
    """

    place: str = "database"
    rows: int
    seconds: float
    halfvec: bool
    built: bool
    recall_at_10: float | None
    ef_search: int

    def summary(self) -> str:
        state = "indexed" if self.built else "were indexed already"
        recall = (
            "" if self.recall_at_10 is None else f", recall@10 {self.recall_at_10:.3f} with ef_search {self.ef_search}"
        )
        return f"{self.rows} vectors of the database {state} ({self.seconds:.1f} s{recall})"


@dataclass(frozen=True)
class BuildResources:
    """What a build may use: bytes of memory, and parallel workers beside the leader process."""

    memory: int
    workers: int


def index_database(database: Database, options: IndexOptions = DEFAULT_OPTIONS) -> HnswIndexResult:
    """Build the index unless it is complete, and measure its recall. Raises JobError."""
    started = time.perf_counter()
    variant = hnsw.HALF_PRECISION if options.halfvec else hnsw.FULL_PRECISION
    with open_connection(database) as db:
        schema.upgrade_schema(db)
        acquire_lock(db, "index")
        check_version(hnsw.pgvector_version(db), options)
        inline_vectors(db)
        rows = int(fetch_value(db, "SELECT count(*) FROM imagenes_fer"))
        existing = [index.valid for index in hnsw.list_indexes(db) if variant.operator_class in index.definition]
        built = options.rebuild or existing != [True]
        if built:
            build_hnsw_index(db, database, variant, rows)
        db.commit()
        if built:
            analyze_table(db)
        ef_search, recall = tune_ef_search(db, variant, rows)
    seconds = round(time.perf_counter() - started, 3)
    return HnswIndexResult(
        rows=rows, seconds=seconds, halfvec=options.halfvec, built=built, recall_at_10=recall, ef_search=ef_search
    )


def check_version(version: tuple[int, ...], options: IndexOptions) -> None:
    """Warn about the bugs of old versions. Raises JobError if this one does not have what the options need."""
    if version < hnsw.RECOMMENDED_VERSION:
        terminal.log(OUTDATED_PGVECTOR.format(".".join(map(str, version))))
    if options.halfvec and version < hnsw.HALF_VERSION:
        raise JobError(
            "The server's pgvector is older than 0.7 and has no halfvec: run the same command without --halfvec.",
            ErrorKind.refused,
        )


def build_hnsw_index(db: connection, database: Database, variant: HnswVariant, rows: int) -> None:
    """Build an index, then drop every other HNSW of the table, incomplete ones too. Until then, searches use those."""
    old, resources = [index.name for index in hnsw.list_indexes(db)], plan_resources(db, variant, rows)
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


def analyze_table(db: connection) -> None:
    """Update the planner's statistics of the table."""
    db.autocommit = True
    with db.cursor() as cursor:
        cursor.execute("ANALYZE imagenes_fer")
    db.autocommit = False
