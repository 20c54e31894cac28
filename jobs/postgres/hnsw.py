"""pgvector's HNSW index on the table: its two variants, the one that exists, and a search that is complete with either.

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

RECOMMENDED_VERSION = (0, 8, 4)
PARALLEL_VERSION = (0, 8, 2)  # before it, a parallel build can write beyond its memory
ITERATIVE_VERSION = (0, 8)  # before it, a filter is applied to the candidate list only, and few rows may be left
HALF_VERSION = (0, 7)
MAX_INDEX_K = 500  # for a larger k, the table is scanned: an HNSW is not built to return so many, and no faster then
# hnsw.ef_search is the size of the candidate list of a search: pgvector's default and its maximum.
DEFAULT_EF_SEARCH, MAX_EF_SEARCH = 40, 1000
MAX_K = 2**63 - 1  # the largest LIMIT
RERANK_FACTOR = 4  # candidates from a half-precision index for each row of the result: they are sorted again, exactly

INDEX_QUERY = """
SELECT id, filepath, emotion, vector <=> %(query)s::vector AS distance FROM imagenes_fer
WHERE %(emotion)s::text IS NULL OR emotion = %(emotion)s
ORDER BY distance, id LIMIT %(k)s
"""
# A vector of zeros has no cosine: its distance is NaN. An HNSW leaves such rows out too.
# OFFSET 0 separates ORDER BY from the table, so that no index can be used, whatever the server's settings.
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
# Twice pgvector's 64: the build takes a fifth longer, and recall@10 rises from 0.99 to 1.00.
BUILD_PARAMETERS = "WITH (ef_construction = 128)"
COMMENT = "hnsw.ef_search = {}"
SET_LOCAL = "SET LOCAL {} = {};"  # sent together with the query: a round trip can take longer than a search


@dataclass(frozen=True)
class HnswVariant:
    """One variant of the index. `row_bytes` is a row's memory during the build: its numbers and about 300 bytes."""

    name: str
    expression: str
    operator_class: str
    row_bytes: int
    query: str

    def create_statement(self, name: str) -> str:
        column = f"{self.expression} {self.operator_class}"
        return f"CREATE INDEX {name} ON imagenes_fer USING hnsw ({column}) {BUILD_PARAMETERS}"


FULL_PRECISION = HnswVariant("imagenes_fer_vector_hnsw", "vector", "vector_cosine_ops", 2056 + 300, INDEX_QUERY)
HALF_PRECISION = HnswVariant(
    "imagenes_fer_halfvec_hnsw", "(vector::halfvec(512))", "halfvec_cosine_ops", 1032 + 300, RERANK_QUERY
)


def pgvector_version(db: connection) -> tuple[int, ...]:
    """The version of pgvector in this database, for example (0, 8, 5); () if it is not installed."""
    version = fetch_value(db, "SELECT extversion FROM pg_extension WHERE extname = 'vector'")
    return tuple(int(number) for number in version.split(".")) if version else ()


class Index(NamedTuple):
    """An HNSW of the table: its CREATE INDEX statement, whether it is complete, and the ef_search of its searches."""

    name: str
    definition: str
    valid: bool
    ef_search: int


def list_indexes(db: connection) -> list[Index]:
    """Every HNSW of the table. `index` writes the ef_search that it measured into the index's comment."""
    with db.cursor() as cursor:
        cursor.execute(
            "SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid), i.indisvalid AND i.indisready, "
            "coalesce(substring(obj_description(i.indexrelid, 'pg_class') FROM %s)::int, %s) "
            "FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am a ON a.oid = c.relam "
            "WHERE i.indrelid = 'imagenes_fer'::regclass AND a.amname = 'hnsw'",
            (COMMENT.format(r"(\d{1,4})\M"), DEFAULT_EF_SEARCH),
        )
        return [Index(*row) for row in cursor]


def usable_index(db: connection) -> tuple[HnswVariant | None, int, tuple[int, ...]]:
    """The variant of a complete index (under any name), its ef_search, and pgvector's version."""
    indexes = [index for index in list_indexes(db) if index.valid]
    for variant in (FULL_PRECISION, HALF_PRECISION):
        for index in indexes:
            if variant.operator_class in index.definition:
                return variant, index.ef_search, pgvector_version(db)
    return None, DEFAULT_EF_SEARCH, pgvector_version(db)


def nearest_rows(db: connection, vector: Vector, k: int, emotion: str | None = None) -> list[NearestRow]:
    """The k rows nearest to a vector, nearest first. Fewer than k only if no more rows exist, also with an emotion.

    The index is approximate: it nearly always returns the nearest. Where it returns fewer than k, the table is scanned.
    """
    params = query_params(vector, k, emotion)
    variant, ef_search, version = usable_index(db)
    if variant and k <= MAX_INDEX_K and (emotion is None or version >= ITERATIVE_VERSION):
        rows = search_index(db, variant, params, ef_search)
        if len(rows) == k:
            return rows
    return scan_table(db, params)


def query_params(vector: Vector, k: int, emotion: str | None) -> dict[str, Any]:
    """The parameters of the queries above. Nine digits keep every bit of a float32."""
    text = ",".join(["%.9g"] * len(vector)) % tuple(vector.tolist())
    return {"query": f"[{text}]", "emotion": emotion, "k": min(k, MAX_K), "candidates": RERANK_FACTOR * k}


def search_index(
    db: connection, variant: HnswVariant, params: dict[str, Any], ef_search: int = DEFAULT_EF_SEARCH
) -> list[NearestRow]:
    """What the index returns, which may be fewer than k rows. The planner may choose a scan, which is exact."""
    candidates = params["candidates"] if variant is HALF_PRECISION else 2 * params["k"]
    settings = SET_LOCAL.format("hnsw.ef_search", min(MAX_EF_SEARCH, max(ef_search, candidates)))
    if params["emotion"] is not None:
        # An iterative scan reads on until k rows pass the filter, or until hnsw.max_scan_tuples.
        settings += SET_LOCAL.format("hnsw.iterative_scan", "strict_order")
    with db.cursor() as cursor:
        cursor.execute(settings + variant.query, params)
        # The index compares normalized vectors, whose order differs from that of the distances in the last bits.
        return sorted((row for row in cursor if not isnan(row[3])), key=lambda row: (row[3], row[0]))


def scan_table(db: connection, params: dict[str, Any]) -> list[NearestRow]:
    """The exact result: every row is compared."""
    with db.cursor() as cursor:
        cursor.execute(SCAN_QUERY, params)
        return cursor.fetchall()
