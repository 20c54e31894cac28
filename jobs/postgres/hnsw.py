"""Search with pgvector's HNSW on the table: complete with either variant or none, and never by an index of others.

https://github.com/pgvector/pgvector#hnsw
"""

from math import isnan
from typing import Any, TypeAlias

from psycopg2.extensions import connection

from jobs import terminal
from jobs.postgres.connection import fetch_value
from jobs.postgres.copy import Vector
from jobs.postgres.vector_indexes import (
    DEFAULT_EF_SEARCH,
    FULL_PRECISION,
    HALF_PRECISION,
    INDEX_QUERY,
    MAX_EF_SEARCH,
    VARIANTS,
    HnswVariant,
    list_indexes,
    ordering_indexes,
)

__all__ = [
    "DEFAULT_EF_SEARCH",
    "FULL_PRECISION",
    "HALF_PRECISION",
    "INDEX_QUERY",
    "HnswVariant",
    "list_indexes",
]

NearestRow: TypeAlias = tuple[int, str, str, float]
"""A row's id, filepath, emotion, and 1 - cosine."""

RECOMMENDED_VERSION = (0, 8, 4)
PARALLEL_VERSION = (0, 8, 2)  # before it, a parallel build can write beyond its memory
ITERATIVE_VERSION = (0, 8)  # before it, a filter is applied to the candidate list only, and few rows may be left
HALF_VERSION = (0, 7)
MAX_INDEX_K = 500  # for a larger k, the table is scanned: an HNSW is not built to return so many, and no faster then
MAX_K = 2**63 - 1  # the largest LIMIT
RERANK_FACTOR = 4  # candidates from a half-precision index for each row of the result: they are sorted again, exactly
# A vector of zeros has no cosine: its distance is NaN. An HNSW leaves such rows out too.
# OFFSET 0 separates ORDER BY from the table, so that no index can be used, whatever the server's settings.
SCAN_QUERY = """
SELECT * FROM (
    SELECT id, filepath, emotion, vector <=> %(query)s::vector AS distance FROM imagenes_fer
    WHERE %(emotion)s::text IS NULL OR emotion = %(emotion)s OFFSET 0
) AS compared WHERE distance < 'NaN' ORDER BY distance, id LIMIT %(k)s
"""
SET_LOCAL = "SET LOCAL {} = {};"  # sent together with the query: a round trip can take longer than a search
IN_THE_WAY = (
    "PostgreSQL answers with {}, an index of imagenes_fer that `python -m jobs index` did not make: every row is "
    "compared instead. Searches use the project's own index again after `DROP INDEX {}`, if you do not need it."
)


def pgvector_version(db: connection) -> tuple[int, ...]:
    """The version of pgvector in this database, for example (0, 8, 5); () if it is not installed."""
    version = fetch_value(db, "SELECT extversion FROM pg_extension WHERE extname = 'vector'")
    return tuple(int(number) for number in version.split(".")) if version else ()


def usable_index(db: connection) -> tuple[HnswVariant | None, int, tuple[int, ...]]:
    """The variant of a complete index that `index` made, its ef_search, and pgvector's version."""
    made = {index.variant: index for index in list_indexes(db) if index.valid}
    for variant in VARIANTS:
        if variant in made:
            return variant, made[variant].ef_search, pgvector_version(db)
    return None, DEFAULT_EF_SEARCH, pgvector_version(db)


def nearest_rows(db: connection, vector: Vector, k: int, emotion: str | None = None) -> list[NearestRow]:
    """The rows of `nearest`."""
    return nearest(db, vector, k, emotion)[0]


def nearest(db: connection, vector: Vector, k: int, emotion: str | None = None) -> tuple[list[NearestRow], bool]:
    """The k rows nearest to a vector, nearest first, and whether every row was compared.

    Fewer than k only if no more rows exist, also with an emotion. The index is approximate: it nearly always returns
    the nearest. Where it returns fewer than k, and where the plan does not use it, the table is scanned.
    """
    params = query_params(vector, k, emotion)
    variant, ef_search, version = usable_index(db)
    filtered_well = emotion is None or version >= ITERATIVE_VERSION
    if variant and k <= MAX_INDEX_K and filtered_well and uses_only(db, variant, params, ef_search):
        rows = search_index(db, variant, params, ef_search)
        if len(rows) == k:
            return rows, False
    return scan_table(db, params), True


def uses_only(db: connection, variant: HnswVariant, params: dict[str, Any], ef_search: int) -> bool:
    """Whether a search is answered by the index of that variant alone. Logs which other one is in the way."""
    used = ordering_indexes(db, search_settings(variant, params, ef_search) + variant.query, params)
    if others := ", ".join(sorted(used - {variant.name})):
        terminal.log(IN_THE_WAY.format(others, others))
    return used == {variant.name}


def query_params(vector: Vector, k: int, emotion: str | None) -> dict[str, Any]:
    """The parameters of the queries above. Nine digits keep every bit of a float32."""
    text = ",".join(["%.9g"] * len(vector)) % tuple(vector.tolist())
    return {"query": f"[{text}]", "emotion": emotion, "k": min(k, MAX_K), "candidates": RERANK_FACTOR * k}


def search_index(
    db: connection, variant: HnswVariant, params: dict[str, Any], ef_search: int = DEFAULT_EF_SEARCH
) -> list[NearestRow]:
    """What the index returns, which may be fewer than k rows. The planner may choose a scan, or an index of others."""
    settings = search_settings(variant, params, ef_search)
    with db.cursor() as cursor:
        cursor.execute(settings + variant.query, params)
        # The index compares normalized vectors, whose order differs from that of the distances in the last bits.
        return sorted((row for row in cursor if not isnan(row[3])), key=lambda row: (row[3], row[0]))


def search_settings(variant: HnswVariant, params: dict[str, Any], ef_search: int) -> str:
    """The settings of a search, for its transaction."""
    candidates = params["candidates"] if variant is HALF_PRECISION else 2 * params["k"]
    settings = SET_LOCAL.format("hnsw.ef_search", min(MAX_EF_SEARCH, max(ef_search, candidates)))
    if params["emotion"] is not None:
        # An iterative scan reads on until k rows pass the filter, or until hnsw.max_scan_tuples.
        settings += SET_LOCAL.format("hnsw.iterative_scan", "strict_order")
    return settings


def scan_table(db: connection, params: dict[str, Any]) -> list[NearestRow]:
    """The exact result: every row is compared."""
    with db.cursor() as cursor:
        cursor.execute(SCAN_QUERY, params)
        return cursor.fetchall()
