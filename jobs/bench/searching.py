"""Exact search against the default storage, and HNSW against exact search."""

import time
from collections.abc import Callable

import numpy as np
from psycopg2.extensions import connection

from jobs.bench.step import Step, StepRun, mean_overlap
from jobs.bench.workspace import execute_autocommit
from jobs.errors import JobError
from jobs.index.run import index_database
from jobs.postgres.connection import open_connection
from jobs.postgres.copy import Vector
from jobs.postgres.hnsw import FULL_PRECISION, NearestRow, query_params, scan_table, search_index

NEAREST = "SELECT id FROM {} ORDER BY vector <=> %s::vector, id LIMIT 10"
NEIGHBORS, QUERIES = 10, 100
WARM_UP = 200  # searches that do not count: a new connection maps the server's memory page by page, 2 ms per search


def exact_step(url: str) -> Step:
    """`url` is a filled database. A second table with PostgreSQL's default storage is created in it."""
    execute_autocommit(url, "CREATE TABLE out_of_line (id bigint, vector vector(512))")
    execute_autocommit(url, "INSERT INTO out_of_line SELECT id, vector FROM imagenes_fer")
    execute_autocommit(url, "VACUUM ANALYZE out_of_line")
    return Step(
        name="exact search",
        unit="queries",
        baseline="scan with PostgreSQL's default storage",
        ours="scan with vectors in the row (toast_tuple_target)",
        run_baseline=lambda: time_exact_searches(url, "out_of_line"),
        run_ours=lambda: time_exact_searches(url, "imagenes_fer"),
        compare=check_same_neighbors,
        goal=3,
    )


def hnsw_step(url: str, suffix: str = "") -> Step:
    """`suffix` is added to the step's name."""
    ef = index_database(url).ef_search
    return Step(
        name=f"HNSW search{suffix}",
        unit="queries",
        baseline="exact scan, vectors in the row",
        ours="pgvector's HNSW as `jobs index` builds it",
        run_baseline=lambda: time_searches(
            url, lambda db, vector: scan_table(db, query_params(vector, NEIGHBORS, None))
        ),
        run_ours=lambda: time_searches(
            url, lambda db, vector: search_index(db, FULL_PRECISION, query_params(vector, NEIGHBORS, None), ef), WARM_UP
        ),
        compare=describe_recall,
        goal=40,
    )


def time_exact_searches(url: str, table: str) -> StepRun:
    """Exact searches in a table with plain SQL."""

    def search(db: connection, vector: Vector) -> list[NearestRow]:
        with db.cursor() as cursor:
            cursor.execute(NEAREST.format(table), (str(vector.tolist()),))
            return cursor.fetchall()

    return time_searches(url, search)


def time_searches(url: str, search: Callable[[connection, Vector], list[NearestRow]], warm_up: int = 1) -> StepRun:
    """Time searches for the nearest rows of some of the table's vectors, after `warm_up` searches that do not count."""
    with open_connection(url) as db:
        for query in read_queries(db, 5, warm_up):
            search(db, query)
        queries = read_queries(db, 1, QUERIES)
        started = time.perf_counter()
        ids = [[row[0] for row in search(db, query)] for query in queries]
        return StepRun(len(queries), time.perf_counter() - started, ids)


def read_queries(db: connection, remainder: int, count: int) -> list[Vector]:
    """At most `count` vectors of the table: other rows for each `remainder`."""
    with db.cursor() as cursor:
        cursor.execute(
            "SELECT vector::real[] FROM imagenes_fer WHERE id %% 97 = %s ORDER BY id LIMIT %s", (remainder, count)
        )
        return [np.array(vector, dtype=np.float32) for (vector,) in cursor]


def check_same_neighbors(baseline: list[list[int]], ours: list[list[int]]) -> str:
    if baseline != ours:
        raise JobError("Two exact searches found different rows: please report that.")
    return "the same rows in the same order"


def describe_recall(exact: list[list[int]], ours: list[list[int]]) -> str:
    return f"recall@{NEIGHBORS} {mean_overlap(exact, ours):.3f}"
