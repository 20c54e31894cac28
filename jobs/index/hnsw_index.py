"""pgvector's HNSW over the table, built after the load with the memory and the workers that the server has for it."""

import os
import time
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from dataclasses import dataclass

from psycopg2.extensions import connection

from jobs import terminal
from jobs.errors import JobError
from jobs.index.ef_search import tune_ef_search
from jobs.index.inline_vectors import inline_vectors
from jobs.postgres import hnsw, schema
from jobs.postgres.connection import Database, fetch_value, open_connection, take_lock
from jobs.postgres.hnsw import HnswVariant

MIB = 1024 * 1024
WORKER_BYTES = 32 * MIB  # PostgreSQL gives a build no more workers than leave so much to each
CACHE_PART = 4  # of the server's memory for caching, which is most of it, a build gets one in so many
LOOK_SECONDS = 0.5
NEW = "imagenes_fer_hnsw_new"
OLD = (
    "pgvector {} has faults that 0.8.4 mends (parallel builds below 0.8.2, VACUUM below 0.8.3, deleted rows below "
    "0.8.4 can spoil an index): update the server, then run `ALTER EXTENSION vector UPDATE` and `python -m jobs index "
    "--from database --rebuild`."
)


@dataclass(frozen=True, kw_only=True)
class IndexOptions:
    """`halfvec` builds the graph on numbers of half the size; `rebuild` builds one even where one stands."""

    halfvec: bool = False
    rebuild: bool = False


DEFAULT_OPTIONS = IndexOptions()


@dataclass(frozen=True, kw_only=True)
class HnswIndexResult:
    """`built`: not there before. `recall_at_10` is against a scan, on the table's own vectors; None without rows.

    `ef_search` is the least of recall.EFS that gives it 0.99, or the largest: searches take it from here on.
    """

    place: str = "database"
    rows: int
    seconds: float
    halfvec: bool
    built: bool
    recall_at_10: float | None
    ef_search: int

    def summary(self) -> str:
        did = "indexed" if self.built else "were indexed already"
        recall = (
            "" if self.recall_at_10 is None else f", recall@10 {self.recall_at_10:.3f} with ef_search {self.ef_search}"
        )
        return f"{self.rows} vectors of the database {did} ({self.seconds:.1f} s{recall})"


@dataclass(frozen=True)
class BuildResources:
    """What a build may use: bytes of memory, and workers beside the process that leads."""

    memory: int
    workers: int


def index_database(database: Database, wish: IndexOptions = DEFAULT_OPTIONS) -> HnswIndexResult:
    """Build the index where it does not stand whole yet, and measure what it finds."""
    started = time.perf_counter()
    graph = hnsw.HALF_PRECISION if wish.halfvec else hnsw.FULL_PRECISION
    with open_connection(database) as db:
        schema.upgrade_schema(db)
        take_lock(db, "index")
        check_version(hnsw.pgvector_version(db), wish)
        inline_vectors(db)
        rows = int(fetch_value(db, "SELECT count(*) FROM imagenes_fer"))
        standing = [each.valid for each in hnsw.list_indexes(db) if graph.operators in each.definition]
        built = wish.rebuild or standing != [True]
        if built:
            build(db, database, graph, rows)
        db.commit()
        if built:
            analyze_table(db)
        ef, recall = tune_ef_search(db, graph, rows)
    seconds = round(time.perf_counter() - started, 3)
    return HnswIndexResult(
        rows=rows, seconds=seconds, halfvec=wish.halfvec, built=built, recall_at_10=recall, ef_search=ef
    )


def check_version(version: tuple[int, ...], wish: IndexOptions) -> None:
    """Warn of what is known of old ones. Raises Failure where the wish is for what this one does not have."""
    if version < hnsw.GOOD_VERSION:
        terminal.log(OLD.format(".".join(map(str, version))))
    if wish.halfvec and version < hnsw.HALF_VERSION:
        raise JobError("The server's pgvector has no halfvec before 0.7: run the same command without --halfvec.")


def build(db: connection, database: Database, graph: HnswVariant, rows: int) -> None:
    """Put a new index in place of every HNSW of the table, half-built ones too. Until then searches use the old one."""
    old, given = [each.name for each in hnsw.list_indexes(db)], plan_resources(db, graph, rows)
    if rows * graph.row_bytes > given.memory:
        need, has = rows * graph.row_bytes // MIB, given.memory // MIB
        terminal.log(f"The graph needs {need} MiB and the server has {has} MiB for it: the build takes longer.")
    with db.cursor() as cursor:
        cursor.execute("SET LOCAL maintenance_work_mem = %s", (f"{given.memory // 1024}kB",))
        cursor.execute("SET LOCAL max_parallel_maintenance_workers = %s", (given.workers,))
        run_with_progress(db, database, graph.create_statement(NEW), rows)
        for name in old:
            cursor.execute(f"DROP INDEX {name}")
        cursor.execute(f"ALTER INDEX {NEW} RENAME TO {graph.name}")


def plan_resources(db: connection, graph: HnswVariant, rows: int) -> BuildResources:
    """As much as the graph needs, within what the server has: of cores only a server on this machine tells."""
    cache = int(fetch_value(db, "SELECT setting::bigint * 8192 FROM pg_settings WHERE name = 'effective_cache_size'"))
    own, most = read_setting(db, "maintenance_work_mem")
    workers, _ = read_setting(db, "max_parallel_maintenance_workers")
    if db.info.host in ("127.0.0.1", "localhost", "::1"):
        workers = min(workers, (os.cpu_count() or 1) - 1)
    if hnsw.pgvector_version(db) < hnsw.PARALLEL_VERSION:
        workers = 0
    wanted = max(rows * graph.row_bytes, (workers + 1) * WORKER_BYTES)
    return BuildResources(max(own * 1024, min(wanted, cache // CACHE_PART, most * 1024)), workers)


def read_setting(db: connection, name: str) -> tuple[int, int]:
    """A setting of the server's as it stands, and the most that it may be, in its own unit."""
    with db.cursor() as cursor:
        cursor.execute("SELECT setting::bigint, max_val::bigint FROM pg_settings WHERE name = %s", (name,))
        row = cursor.fetchone()
    return row or (0, 0)


def run_with_progress(db: connection, database: Database, statement: str, rows: int) -> None:
    """Run the statement and show how far it is, as a second connection sees it. Ctrl-C ends it on the server too."""
    with (
        open_connection(database) as beside,
        terminal.progress("index", rows) as advance,
        ThreadPoolExecutor(1) as pool,
        db.cursor() as cursor,
    ):
        done, shown = pool.submit(cursor.execute, statement), 0
        try:
            while True:
                try:
                    done.result(timeout=LOOK_SECONDS)
                    break
                except NotYet:
                    seen = read_progress(beside, db.info.backend_pid)
                    advance(max(0, seen - shown))
                    shown = max(seen, shown)
        except BaseException:
            db.cancel()
            raise
        advance(max(0, rows - shown))


def read_progress(beside: connection, process: int) -> int:
    """How many rows are in the graph."""
    done = fetch_value(beside, "SELECT tuples_done FROM pg_stat_progress_create_index WHERE pid = %s", (process,))
    beside.rollback()
    return int(done or 0)


def analyze_table(db: connection) -> None:
    """Tell the planner how large the table is now."""
    db.autocommit = True
    with db.cursor() as cursor:
        cursor.execute("ANALYZE imagenes_fer")
    db.autocommit = False
