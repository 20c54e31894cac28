"""The table's indexes for vectors: the two variants that `index` makes, and those that others made.

https://github.com/pgvector/pgvector#hnsw
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from psycopg2.extensions import connection

# hnsw.ef_search is the size of the candidate list of a search: pgvector's default and its maximum.
DEFAULT_EF_SEARCH, MAX_EF_SEARCH = 40, 1000
INDEX_QUERY = """
SELECT id, filepath, emotion, vector <=> %(query)s::vector AS distance FROM imagenes_fer
WHERE %(emotion)s::text IS NULL OR emotion = %(emotion)s
ORDER BY distance, id LIMIT %(k)s
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
# Every index of a method that does not come with PostgreSQL itself: hnsw, ivfflat, and those of other extensions.
LIST_INDEXES = """
SELECT c.oid::regclass::text, pg_get_indexdef(c.oid), i.indisvalid AND i.indisready AND i.indislive,
    coalesce(substring(obj_description(c.oid, 'pg_class') FROM %s)::int, %s), CASE
    WHEN a.amname = 'hnsw' AND i.indpred IS NULL AND i.indnatts = 1
    AND o.opcnamespace = (SELECT extnamespace FROM pg_extension WHERE extname = 'vector')
    THEN ARRAY[c.relname, pg_get_indexdef(c.oid, 1, false), o.opcname] END
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am a ON a.oid = c.relam
JOIN pg_opclass o ON o.oid = i.indclass[0]
WHERE i.indrelid = 'imagenes_fer'::regclass AND a.amname NOT IN ('btree', 'hash', 'gin', 'gist', 'spgist', 'brin')
ORDER BY 1
"""


@dataclass(frozen=True)
class HnswVariant:
    """One variant of the index. `row_bytes` is a row's memory during the build: its numbers and about 300 bytes.

    `column` is what pg_get_indexdef() prints of its only column.
    """

    name: str
    expression: str
    column: str
    operator_class: str
    row_bytes: int
    query: str

    def create_statement(self, name: str) -> str:
        column = f"{self.expression} {self.operator_class}"
        return f"CREATE INDEX {name} ON imagenes_fer USING hnsw ({column}) {BUILD_PARAMETERS}"


FULL_PRECISION = HnswVariant(
    "imagenes_fer_vector_hnsw", "vector", "vector", "vector_cosine_ops", 2056 + 300, INDEX_QUERY
)
HALF_PRECISION = HnswVariant(
    "imagenes_fer_halfvec_hnsw",
    "(vector::halfvec(512))",
    "((vector)::halfvec(512))",
    "halfvec_cosine_ops",
    1032 + 300,
    RERANK_QUERY,
)
VARIANTS = (FULL_PRECISION, HALF_PRECISION)


class Index(NamedTuple):
    """An index for vectors: its CREATE INDEX statement, whether it is complete, and the ef_search of its searches.

    `variant` is None for one that `index` did not make: one of another name, of another method, operator class or
    expression, or of some of the rows only. It stays as it is, and no search trusts it.
    """

    name: str
    definition: str
    valid: bool
    ef_search: int
    variant: HnswVariant | None


def list_indexes(db: connection) -> list[Index]:
    """The table's indexes for vectors. `index` writes the ef_search that it measured into the index's comment."""
    with db.cursor() as cursor:
        cursor.execute(LIST_INDEXES, (COMMENT.format(r"(\d{1,4})\M"), DEFAULT_EF_SEARCH))
        return [
            Index(name, definition, valid, ef_search, find_variant(made))
            for name, definition, valid, ef_search, made in cursor
        ]


def find_variant(made: list[str] | None) -> HnswVariant | None:
    """The variant of an index's name, column and operator class."""
    known = {(each.name, each.column, each.operator_class): each for each in VARIANTS}
    return known.get((made[0], made[1], made[2])) if made else None


def ordering_indexes(db: connection, statement: str, params: dict[str, Any]) -> set[str]:
    """The names of the indexes that give rows in the order of their distance, by the plan. Empty for a scan.

    `statement` may begin with settings for the transaction, up to the last semicolon.
    """
    settings, semicolon, query = statement.rpartition(";")
    with db.cursor() as cursor:
        cursor.execute(f"{settings}{semicolon} EXPLAIN (FORMAT JSON) {query}", params)
        ((plans,),) = cursor.fetchall()
    return {node["Index Name"] for plan in plans for node in walk_plan(plan["Plan"]) if "Order By" in node}


def walk_plan(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A node of a plan and all below it."""
    yield node
    for below in node.get("Plans", []):
        yield from walk_plan(below)
