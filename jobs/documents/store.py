"""The documents in the database: what is there, and one transaction for each document that changes."""

from collections.abc import Sequence
from dataclasses import dataclass

from psycopg2.extensions import connection

from jobs.documents.passages import Passage
from jobs.documents.vectors import Embedder
from jobs.documents.words import strip_accents
from jobs.errors import ErrorKind, JobError
from jobs.postgres.connection import fetch_value
from jobs.postgres.copy import Vector

# Full text in both languages at once, and in neither: a name is not stemmed.
INSERT_PASSAGE = """
INSERT INTO passage (document_id, position, heading, page, text, words, vector)
SELECT %(document)s, %(position)s, %(heading)s, %(page)s, %(text)s,
    to_tsvector('english', plain) || to_tsvector('spanish', plain) || to_tsvector('simple', plain), %(vector)s::vector
FROM (SELECT %(plain)s::text AS plain) AS given
"""
PASSAGES = """
SELECT p.document_id, p.position, p.heading, p.text FROM passage p JOIN document d ON d.id = p.document_id
WHERE d.collection = %s ORDER BY p.document_id, p.position
"""


@dataclass(frozen=True)
class Stored:
    """One document of a collection. `path` is where its file was; `sha256` of its bytes."""

    id: int
    name: str
    path: str
    sha256: bytes
    passages: int


@dataclass(frozen=True)
class Collection:
    """What filled a collection: `model` is "" and `dimensions` 0 where passages are found by words alone."""

    name: str
    model: str
    dimensions: int

    def describe(self) -> str:
        return f"{self.model} ({self.dimensions} numbers)" if self.model else "words alone, without a model"


def has_tables(db: connection) -> bool:
    """Whether the migration of the documents has run."""
    return bool(fetch_value(db, "SELECT to_regclass('passage') IS NOT NULL"))


def read_collection(db: connection, name: str) -> Collection | None:
    """The record of a collection that has documents. None where it has none."""
    if not has_tables(db):
        return None
    with db.cursor() as cursor:
        cursor.execute(
            "SELECT name, model, dimensions FROM document_collection c WHERE name = %s AND EXISTS "
            "(SELECT FROM document d WHERE d.collection = c.name)",
            (name,),
        )
        row = cursor.fetchone()
    return Collection(*row) if row else None


def read_documents(db: connection, collection: str) -> list[Stored]:
    """Every document of a collection, by name."""
    if not has_tables(db):
        return []
    with db.cursor() as cursor:
        cursor.execute(
            "SELECT id, name, path, sha256, (SELECT count(*) FROM passage WHERE document_id = document.id) "
            "FROM document WHERE collection = %s ORDER BY name",
            (collection,),
        )
        return [Stored(id, name, path, bytes(sha256), passages) for id, name, path, sha256, passages in cursor]


def claim_collection(db: connection, wanted: Collection) -> None:
    """Write which model fills a collection, or check it, and hold its record until the transaction ends.

    Raises JobError (conflict) where another model filled it: never a mix. An empty collection takes any model.
    """
    with db.cursor() as cursor:
        cursor.execute(
            "INSERT INTO document_collection VALUES (%s, %s, %s) ON CONFLICT (name) DO NOTHING",
            (wanted.name, wanted.model, wanted.dimensions),
        )
        cursor.execute("SELECT FROM document_collection WHERE name = %s FOR UPDATE", (wanted.name,))
        found = read_collection(db, wanted.name)
        if found is None:
            cursor.execute(
                "UPDATE document_collection SET model = %s, dimensions = %s WHERE name = %s",
                (wanted.model, wanted.dimensions, wanted.name),
            )
    if found not in (None, wanted):
        raise JobError(
            f"The documents of {wanted.name} were added with {found.describe() if found else ''}, and now there is "
            f"{wanted.describe()}: add `--replace` to compute all of them again with it, choose the same one with "
            "`--embed-model`, or keep another set with `--collection`.",
            ErrorKind.conflict,
        )


def write_document(
    db: connection, collection: str, new: Stored, passages: Sequence[Passage], vectors: Vector | None
) -> None:
    """Replace a document with its passages, or add it. The caller commits."""
    with db.cursor() as cursor:
        cursor.execute("DELETE FROM document WHERE collection = %s AND name = %s", (collection, new.name))
        cursor.execute(
            "INSERT INTO document (collection, name, path, sha256) VALUES (%s, %s, %s, %s) RETURNING id",
            (collection, new.name, new.path, new.sha256),
        )
        row = cursor.fetchone()
        rows = [
            {
                "document": row[0] if row else None,
                "position": position,
                "heading": passage.heading,
                "page": passage.page,
                "text": passage.text,
                "plain": strip_accents(embedded_text(passage.heading, passage.text)),
                "vector": None if vectors is None else to_literal(vectors[position]),
            }
            for position, passage in enumerate(passages)
        ]
        for values in rows:
            cursor.execute(INSERT_PASSAGE, values)


def recompute_vectors(db: connection, wanted: Collection, embedder: Embedder | None) -> int:
    """Compute the vectors of every passage again, and write which model did; returns how many. The caller commits."""
    with db.cursor() as cursor:
        cursor.execute("SELECT FROM document_collection WHERE name = %s FOR UPDATE", (wanted.name,))
        cursor.execute(PASSAGES, (wanted.name,))
        rows = cursor.fetchall()
        vectors = embedder.embed([embedded_text(heading, text) for _, _, heading, text in rows]) if embedder else None
        for number, (document, position, _, _) in enumerate(rows):
            literal = None if vectors is None else to_literal(vectors[number])
            cursor.execute(
                "UPDATE passage SET vector = %s::vector WHERE document_id = %s AND position = %s",
                (literal, document, position),
            )
        cursor.execute(
            "UPDATE document_collection SET model = %s, dimensions = %s WHERE name = %s",
            (wanted.model, wanted.dimensions, wanted.name),
        )
    return len(rows)


def embedded_text(heading: str, text: str) -> str:
    """What a model reads of a passage: its place says what it is about."""
    return f"{heading}\n{text}" if heading else text


def to_literal(vector: Vector) -> str:
    """pgvector's text of (d,) numbers."""
    return "[" + ",".join(repr(float(each)) for each in vector) + "]"
