"""pgvector's HNSW on the table: built after the rows are loaded, and its recall measured. Indexes of others stay."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from psycopg2.extensions import connection

from jobs import terminal
from jobs.errors import ErrorKind, JobError
from jobs.index.ef_search import tune_ef_search
from jobs.index.hnsw_build import build_hnsw_index
from jobs.index.inline_vectors import inline_vectors
from jobs.notice import say_if_slow
from jobs.postgres import hnsw, schema
from jobs.postgres.connection import Database, acquire_lock, fetch_value, open_connection
from jobs.postgres.vector_indexes import Index

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

    It is None without rows, and where PostgreSQL prefers an index of others. `ef_search` is the smallest that gives a
    recall of 0.99, else the largest that was tried: searches use it from now on. `left_alone` names the indexes for
    vectors that others made.
    """

    place: str = "database"
    rows: int
    seconds: float
    halfvec: bool
    built: bool
    recall_at_10: float | None
    ef_search: int
    left_alone: list[str]

    def summary(self) -> str:
        state = "indexed" if self.built else "were indexed already"
        recall = (
            "" if self.recall_at_10 is None else f", recall@10 {self.recall_at_10:.3f} with ef_search {self.ef_search}"
        )
        return f"{self.rows} vectors of the database {state} ({self.seconds:.1f} s{recall})"


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
        indexes = hnsw.list_indexes(db)
        existing = [index.valid for index in indexes if index.variant is variant]
        others = report_others(indexes)
        built = options.rebuild or existing != [True]
        if built:
            build_hnsw_index(db, database, variant, rows)
        db.commit()
        if built:
            analyze_table(db)
        ef_search, recall = tune_ef_search(db, variant, rows)
    seconds = round(time.perf_counter() - started, 3)
    return HnswIndexResult(
        rows=rows,
        seconds=seconds,
        halfvec=options.halfvec,
        built=built,
        recall_at_10=recall,
        ef_search=ef_search,
        left_alone=others,
    )


def report_others(indexes: Sequence[Index]) -> list[str]:
    """The names of the indexes for vectors that this command did not make. Logs that they stay as they are."""
    others = [index for index in indexes if index.variant is None]
    if others:
        names = "; ".join(index.definition for index in others)
        terminal.log(f"Left as they are, because this command did not make them: {names}.")
    return [index.name for index in others]


def check_version(version: tuple[int, ...], options: IndexOptions) -> None:
    """Warn about the bugs of old versions. Raises JobError if this one does not have what the options need."""
    if version < hnsw.RECOMMENDED_VERSION:
        terminal.log(OUTDATED_PGVECTOR.format(".".join(map(str, version))))
    if options.halfvec and version < hnsw.HALF_VERSION:
        raise JobError(
            "The server's pgvector is older than 0.7 and has no halfvec: run the same command without --halfvec.",
            ErrorKind.refused,
        )


@say_if_slow("Updating the statistics of the table")
def analyze_table(db: connection) -> None:
    """Update the planner's statistics of the table."""
    db.autocommit = True
    with db.cursor() as cursor:
        cursor.execute("ANALYZE imagenes_fer")
    db.autocommit = False
