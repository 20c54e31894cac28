"""pgvector's HNSW on the table: its two shapes, which of them stands, and a search that is complete with any of them.

https://github.com/pgvector/pgvector#hnsw
"""

from dataclasses import dataclass
from math import isnan
from typing import Any, NamedTuple, TypeAlias

from psycopg2.extensions import connection

from jobs.postgres.connection import fetch_value
from jobs.postgres.copy import Vector

NearestRow: TypeAlias = tuple[int, str, str, float]
"""A row's id, filepath, emotion, and 1 - cosine."""

GOOD_VERSION = (0, 8, 4)
PARALLEL_VERSION = (0, 8, 2)  # below, a parallel build can write beyond its memory
ITERATIVE_VERSION = (0, 8)  # below, a filter leaves of the nearest rows what passes, however few
HALF_VERSION = (0, 7)
MAX_INDEX_K = 500  # that a search takes from the graph: it is not made to hand out more, and a scan is as fast then
MIN_EF, MAX_EF = 40, 1000  # hnsw.ef_search, rows that a search keeps in view: the default, the most that it takes
MAX_K = 2**63 - 1  # that LIMIT takes
RERANK_FACTOR = (
    4  # rows from a graph of half precision for each that is wanted: their order is worked out again, exactly
)

INDEX_QUERY = """
SELECT id, filepath, emotion, vector <=> %(query)s::vector AS distance FROM imagenes_fer
WHERE %(emotion)s::text IS NULL OR emotion = %(emotion)s
ORDER BY distance, id LIMIT %(k)s
"""
# A vector of nothing but zeros has no cosine: its distance is NaN. An HNSW has no such rows either.
# OFFSET 0 keeps the order apart from the rows, so that no index can be used for it, whatever the server's settings.
SCAN_QUERY = """
SELECT * FROM (
    SELECT id, filepath, emotion, vector <=> %(query)s::vector AS distance FROM imagenes_fer
    WHERE %(emotion)s::text IS NULL OR emotion = %(emotion)s OFFSET 0
) AS compared WHERE distance < 'NaN' ORDER BY distance, id LIMIT %(k)s
"""
RERANK_QUERY = """
SELECT id, filepath, emotion, vector <=> %(query)s::vector AS distance FROM (
    SELECT id, filepath, emotion, vector FROM imagenes_fer
    WHERE %(emotion)s::text IS NULL OR emotion = %(emotion)s
    ORDER BY vector::halfvec(512) <=> %(query)s::halfvec(512) LIMIT %(candidates)s
) AS near ORDER BY distance, id LIMIT %(k)s
"""
# Twice pgvector's 64: a fifth longer to build, and recall@10 rises from 0.99 to 1.00 with no row more in view.
BUILD_PARAMETERS = "WITH (ef_construction = 128)"
COMMENT = "hnsw.ef_search = {}"
SET = "SET LOCAL {} = {};"  # sent together with the query: a way there and back costs more than many a search


@dataclass(frozen=True)
class HnswVariant:
    """One shape of the index. `row_bytes` is what a row takes while the graph is built: numbers and some 300 of it."""

    name: str
    expression: str
    operators: str
    row_bytes: int
    query: str

    def create_statement(self, name: str) -> str:
        return f"CREATE INDEX {name} ON imagenes_fer USING hnsw ({self.expression} {self.operators}) {BUILD_PARAMETERS}"


FULL_PRECISION = HnswVariant("imagenes_fer_vector_hnsw", "vector", "vector_cosine_ops", 2056 + 300, INDEX_QUERY)
HALF_PRECISION = HnswVariant(
    "imagenes_fer_halfvec_hnsw", "(vector::halfvec(512))", "halfvec_cosine_ops", 1032 + 300, RERANK_QUERY
)


def pgvector_version(db: connection) -> tuple[int, ...]:
    """pgvector's in this database, (0, 8, 5) say; () where it is not there."""
    said = fetch_value(db, "SELECT extversion FROM pg_extension WHERE extname = 'vector'")
    return tuple(int(number) for number in said.split(".")) if said else ()


class Index(NamedTuple):
    """An HNSW of the table: the way it was made, whether it is whole, and what a search is to keep in view of it."""

    name: str
    definition: str
    valid: bool
    ef: int


def list_indexes(db: connection) -> list[Index]:
    """Every HNSW of the table. `index` writes the ef that it measured into the index's comment."""
    with db.cursor() as cursor:
        cursor.execute(
            "SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid), i.indisvalid AND i.indisready, "
            "coalesce(substring(obj_description(i.indexrelid, 'pg_class') FROM %s)::int, %s) "
            "FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am a ON a.oid = c.relam "
            "WHERE i.indrelid = 'imagenes_fer'::regclass AND a.amname = 'hnsw'",
            (COMMENT.format(r"(\d{1,4})\M"), MIN_EF),
        )
        return [Index(*row) for row in cursor]


def usable_index(db: connection) -> tuple[HnswVariant | None, int, tuple[int, ...]]:
    """The shape that stands whole, under whatever name, its ef, and pgvector's version."""
    made = [each for each in list_indexes(db) if each.valid]
    for graph in (FULL_PRECISION, HALF_PRECISION):
        for each in made:
            if graph.operators in each.definition:
                return graph, each.ef, pgvector_version(db)
    return None, MIN_EF, pgvector_version(db)


def nearest_rows(db: connection, vector: Vector, k: int, emotion: str | None = None) -> list[NearestRow]:
    """The k rows nearest to a vector, nearest first: as many as there are, whatever the emotion.

    A graph hands out nearly always the nearest. Where it hands out fewer rows than wanted, a scan of the table does.
    """
    asked = query_params(vector, k, emotion)
    graph, ef, known = usable_index(db)
    if graph and k <= MAX_INDEX_K and (emotion is None or known >= ITERATIVE_VERSION):
        found = search_index(db, graph, asked, ef)
        if len(found) == k:
            return found
    return scan_table(db, asked)


def query_params(vector: Vector, k: int, emotion: str | None) -> dict[str, Any]:
    """What the queries here are filled with. Nine digits keep every bit of a float32."""
    text = ",".join(["%.9g"] * len(vector)) % tuple(vector.tolist())
    return {"query": f"[{text}]", "emotion": emotion, "k": min(k, MAX_K), "candidates": RERANK_FACTOR * k}


def search_index(db: connection, graph: HnswVariant, asked: dict[str, Any], ef: int = MIN_EF) -> list[NearestRow]:
    """What the index hands out, which may be fewer rows than wanted. The planner may choose a scan: better so."""
    wanted = asked["candidates"] if graph is HALF_PRECISION else 2 * asked["k"]
    settings = SET.format("hnsw.ef_search", min(MAX_EF, max(ef, wanted)))
    if asked["emotion"] is not None:
        # Strict order goes on reading the index until k rows pass the filter, or it has read enough.
        settings += SET.format("hnsw.iterative_scan", "strict_order")
    with db.cursor() as cursor:
        cursor.execute(settings + graph.query, asked)
        # The index goes by vectors of length 1, whose order differs from that of the distances in their last bits.
        return sorted((row for row in cursor if not isnan(row[3])), key=lambda found: (found[3], found[0]))


def scan_table(db: connection, asked: dict[str, Any]) -> list[NearestRow]:
    """Every row compared."""
    with db.cursor() as cursor:
        cursor.execute(SCAN_QUERY, asked)
        return cursor.fetchall()
