"""Choose ef_search, the size of the candidate list of HNSW searches, by measuring recall on the table's own vectors."""

import numpy as np
from psycopg2.extensions import connection

from jobs.notice import say_if_slow
from jobs.postgres import hnsw
from jobs.postgres.copy import Vector
from jobs.postgres.vector_indexes import COMMENT, HnswVariant

SAMPLE_QUERIES, MAX_COMPARED_ROWS = 100, 10_000_000  # searches that the recall is measured with; rows that they compare
NEIGHBORS = 10
ROUNDING = 1e-9
TARGET_RECALL, EF_SEARCH_CANDIDATES = 0.99, (hnsw.DEFAULT_EF_SEARCH, 80, 160, 320, 640)
SELECT_EVENLY = """
SELECT vector::real[] FROM imagenes_fer WHERE id IN (
    SELECT id FROM (SELECT id, row_number() OVER (ORDER BY id) AS number FROM imagenes_fer) AS numbered
    WHERE number %% %s = 0 LIMIT %s
)
"""


@say_if_slow("Measuring the recall of the index")
def tune_ef_search(db: connection, variant: HnswVariant, rows: int) -> tuple[int, float | None]:
    """The smallest ef_search with TARGET_RECALL, else the largest, and its recall; (the smallest, None) without rows.

    It is None too where PostgreSQL prefers another index, so that no search uses this one. The ef_search is written
    into the index's comment, where searches read it.
    """
    vectors = sample_vectors(db, rows) if rows else []
    queries = [hnsw.query_params(vector, NEIGHBORS, None) for vector in vectors if vector.any()]
    if not queries:
        return EF_SEARCH_CANDIDATES[0], None
    exact = [[distance for *_, distance in hnsw.scan_table(db, query)] for query in queries]
    with db.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")  # measure the index, also where a scan is as fast
    chosen, recall = EF_SEARCH_CANDIDATES[0], None
    for ef_search in EF_SEARCH_CANDIDATES:
        if not hnsw.uses_only(db, variant, queries[0], ef_search):
            break
        approximate = [
            [distance for *_, distance in hnsw.search_index(db, variant, query, ef_search)] for query in queries
        ]
        chosen, recall = ef_search, recall_at_k(approximate, exact)
        if recall >= TARGET_RECALL:
            break
    if recall is not None:
        write_comment(db, variant, chosen)
    db.commit()
    return chosen, recall


def write_comment(db: connection, variant: HnswVariant, ef_search: int) -> None:
    """Record ef_search in the comment of the index, unless it says so."""
    (index,) = (each for each in hnsw.list_indexes(db) if each.variant is variant)
    if ef_search != index.ef_search:
        with db.cursor() as cursor:
            cursor.execute(f"COMMENT ON INDEX {index.name} IS %s", (COMMENT.format(ef_search),))


def recall_at_k(approximate: list[list[float]], exact: list[list[float]]) -> float:
    """The share of the nearest rows that searches returned. Compares distances: rows at equal distance count alike."""
    shares = [
        sum(distance <= nearest[-1] + ROUNDING for distance in distances) / len(nearest)
        for distances, nearest in zip(approximate, exact, strict=True)
    ]
    return round(float(np.mean(shares)), 4)


def sample_vectors(db: connection, rows: int) -> list[Vector]:
    """Some vectors, spread evenly over the table."""
    count = min(rows, max(NEIGHBORS, min(SAMPLE_QUERIES, MAX_COMPARED_ROWS // rows)))
    with db.cursor() as cursor:
        cursor.execute(SELECT_EVENLY, (rows // count, count))
        return [np.array(vector, dtype=np.float32) for (vector,) in cursor]
