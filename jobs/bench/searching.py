"""Exact search and HNSW, each against what it is an answer to."""

import time
from collections.abc import Callable

import numpy as np
from psycopg2.extensions import connection

from jobs.bench.step import Step, StepRun
from jobs.bench.workspace import execute
from jobs.errors import JobError
from jobs.index.run import index_database
from jobs.postgres.connection import open_connection
from jobs.postgres.copy import Vector
from jobs.postgres.hnsw import FULL_PRECISION, NearestRow, query_params, scan_table, search_index

NEAREST = "SELECT id FROM {} ORDER BY vector <=> %s::vector, id LIMIT 10"
NEIGHBOURS, QUERIES = 10, 100
WARM = 200  # searches by other vectors first: a new connection maps the server's memory page by page, 2 ms a search


def exact(url: str) -> Step:
    """`url` is a filled database; a second table with PostgreSQL's own storage is made in it."""
    execute(url, "CREATE TABLE out_of_line (id bigint, vector vector(512))")
    execute(url, "INSERT INTO out_of_line SELECT id, vector FROM imagenes_fer")
    execute(url, "VACUUM ANALYZE out_of_line")
    return Step(
        name="exact search",
        unit="queries",
        baseline="scan with PostgreSQL's default storage",
        ours="scan with vectors in the row (toast_tuple_target)",
        slow=lambda: searched(url, "out_of_line"),
        fast=lambda: searched(url, "imagenes_fer"),
        agree=same_neighbours,
        goal=3,
    )


def hnsw(url: str, of: str = "") -> Step:
    ef = index_database(url).ef_search
    return Step(
        name=f"HNSW search{of}",
        unit="queries",
        baseline="exact scan, vectors in the row",
        ours="pgvector's HNSW as `jobs index` builds it",
        slow=lambda: looked_up(url, lambda db, vector: scan_table(db, query_params(vector, NEIGHBOURS, None))),
        fast=lambda: looked_up(
            url, lambda db, vector: search_index(db, FULL_PRECISION, query_params(vector, NEIGHBOURS, None), ef), WARM
        ),
        agree=recall,
        goal=40,
    )


def searched(url: str, table: str) -> StepRun:
    """Exact searches in a table, by SQL alone."""

    def search(db: connection, vector: Vector) -> list[NearestRow]:
        with db.cursor() as cursor:
            cursor.execute(NEAREST.format(table), (str(vector.tolist()),))
            return cursor.fetchall()

    return looked_up(url, search)


def looked_up(url: str, search: Callable[[connection, Vector], list[NearestRow]], warm: int = 1) -> StepRun:
    """The ten nearest of some of the table's own vectors, after `warm` searches that do not count."""
    with open_connection(url) as db:
        for query in queries(db, 5, warm):
            search(db, query)
        asked = queries(db, 1, QUERIES)
        started = time.perf_counter()
        found = [[row[0] for row in search(db, query)] for query in asked]
        return StepRun(len(asked), time.perf_counter() - started, found)


def queries(db: connection, rest: int, count: int) -> list[Vector]:
    """Vectors of at most `count` rows, others for each `rest`."""
    with db.cursor() as cursor:
        cursor.execute(
            "SELECT vector::real[] FROM imagenes_fer WHERE id %% 97 = %s ORDER BY id LIMIT %s", (rest, count)
        )
        return [np.array(vector, dtype=np.float32) for (vector,) in cursor]


def same_neighbours(theirs: list[list[int]], ours: list[list[int]]) -> str:
    if theirs != ours:
        raise JobError("Two exact searches found different rows: please report that.")
    return "the same rows in the same order"


def recall(exact: list[list[int]], ours: list[list[int]]) -> str:
    hits = [len(set(a) & set(b)) / len(a) for a, b in zip(exact, ours, strict=True)]
    return f"recall@10 {np.mean(hits):.3f}"
