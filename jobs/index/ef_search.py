"""How far searches of an HNSW must look: measured on the table's own vectors, and left in the index's comment."""

import numpy as np
from psycopg2.extensions import connection

from jobs.postgres import hnsw
from jobs.postgres.copy import Vector
from jobs.postgres.hnsw import HnswVariant

SAMPLE, SAMPLE_ROWS = 100, 10_000_000  # how many searches the recall is from, and how many rows they compare at most
NEIGHBOURS = 10
ROUNDING = 1e-9
GOOD_RECALL, EFS = 0.99, (hnsw.MIN_EF, 80, 160, 320, 640)
EVENLY = """
SELECT vector::real[] FROM imagenes_fer WHERE id IN (
    SELECT id FROM (SELECT id, row_number() OVER (ORDER BY id) AS number FROM imagenes_fer) AS numbered
    WHERE number %% %s = 0 LIMIT %s
)
"""


def tune_ef_search(db: connection, graph: HnswVariant, rows: int) -> tuple[int, float | None]:
    """How far a search must look, written down for searches to come, and the recall that it then has."""
    asked = (
        [hnsw.query_params(vector, NEIGHBOURS, None) for vector in sample_vectors(db, rows) if vector.any()]
        if rows
        else []
    )
    if not asked:
        return EFS[0], None
    (index,) = (each for each in hnsw.list_indexes(db) if graph.operators in each.definition)
    exact = [[distance for *_, distance in hnsw.scan_table(db, each)] for each in asked]
    for ef in EFS:
        found = [[distance for *_, distance in hnsw.search_index(db, graph, each, ef)] for each in asked]
        reached = recall_at_k(found, exact)
        if reached >= GOOD_RECALL:
            break
    if ef != index.ef:
        with db.cursor() as cursor:
            cursor.execute(f"COMMENT ON INDEX {index.name} IS %s", (hnsw.COMMENT.format(ef),))
        db.commit()
    return ef, reached


def recall_at_k(found: list[list[float]], exact: list[list[float]]) -> float:
    """The share of the nearest that searches found, by distances: rows at the same one are as good as each other."""
    shares = [
        sum(distance <= best[-1] + ROUNDING for distance in mine) / len(best)
        for mine, best in zip(found, exact, strict=True)
    ]
    return round(float(np.mean(shares)), 4)


def sample_vectors(db: connection, rows: int) -> list[Vector]:
    """Vectors of the table, evenly from all of it."""
    count = min(rows, max(NEIGHBOURS, min(SAMPLE, SAMPLE_ROWS // rows)))
    with db.cursor() as cursor:
        cursor.execute(EVENLY, (rows // count, count))
        return [np.array(vector, dtype=np.float32) for (vector,) in cursor]
