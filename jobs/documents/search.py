"""documents search: passages by words and by meaning, merged by their ranks."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from psycopg2.extensions import connection

from jobs.azure.openai import Connection
from jobs.documents import minilm
from jobs.documents.store import Collection, has_tables, read_collection, to_literal
from jobs.documents.vectors import ALIAS, SHORTENED, Embedder, local_embedder, remote_embedder
from jobs.documents.words import question_words
from jobs.errors import ErrorKind, JobError
from jobs.lines import KEEPS_LINES
from jobs.postgres.connection import open_connection
from jobs.target import Target

DATABASE, AZURE_SEARCH = "database", "azure-search"
RANK_CONSTANT = 60  # reciprocal rank fusion: Cormack, Clarke and Buettcher, SIGIR 2009
DEPTH = 50  # of each list
LEAST_SIMILARITY = 0.25  # cosine: below it a passage is about something else
BY_WORDS = """
SELECT p.document_id, p.position FROM passage p JOIN document d ON d.id = p.document_id,
    LATERAL (SELECT to_tsquery('english', %(words)s) || to_tsquery('spanish', %(words)s) AS query) AS given
WHERE d.collection = %(collection)s AND p.words @@ query
ORDER BY ts_rank(p.words, query, 1) DESC, p.document_id, p.position LIMIT %(depth)s
"""
BY_MEANING = """
SELECT p.document_id, p.position FROM passage p JOIN document d ON d.id = p.document_id
WHERE d.collection = %(collection)s AND 1 - (p.vector <=> %(vector)s::vector) >= %(least)s
ORDER BY p.vector <=> %(vector)s::vector, p.document_id, p.position LIMIT %(depth)s
"""
READ = """
SELECT d.name, p.heading, p.page, p.text FROM passage p JOIN document d ON d.id = p.document_id
WHERE p.document_id = %s AND p.position = %s
"""


@dataclass(frozen=True)
class Found:
    """One passage. `by` is words, meaning or both; `score` the sum of its reciprocal ranks; `n` counts from 1."""

    n: int
    document: str
    heading: str
    page: int | None
    by: str
    score: float
    text: str = field(metadata=KEEPS_LINES)


@dataclass(frozen=True, kw_only=True)
class DocumentsResult:
    """`note` says why passages were found by words alone, "" where they were not."""

    query: str
    collection: str
    results: list[Found]
    note: str = ""

    def summary(self) -> str:
        lines = [] if self.results else [f"Nothing in {self.collection} matches."]
        for each in self.results:
            lines += [f"[{each.n}] {describe_place(each)}  (by {each.by}, {each.score:.4f})", indent(each.text), ""]
        return "\n".join([*lines, self.note]).strip()


@dataclass(frozen=True, kw_only=True)
class Search:
    """What to search for. `model` at `connection` computed the collection's vectors, where this computer cannot.

    `place` is where: the database, or the index of `documents add --to azure-search`.
    """

    query: str
    k: int = 5
    collection: str = "documents"
    model: str | None = None
    connection: Connection | None = None
    place: str = DATABASE


def describe_place(found: Found) -> str:
    """Such as `docs/operating.md, Operate > Pause, page 2`."""
    page = f"page {found.page}" if found.page is not None else ""
    return ", ".join(part for part in (found.document, found.heading, page) if part)


def indent(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.splitlines())


def search_documents(target: Target, search: Search) -> DocumentsResult:
    """The k best passages. Raises JobError where the collection is empty or the server does not answer."""
    with open_connection(target, only_read=True) as db:
        if search.place == AZURE_SEARCH:
            from jobs.documents.search_service import search_service

            return search_service(target, db, search)
        collection = read_collection(db, search.collection)
        if collection is None:
            raise no_documents(db, search.collection)
        return search_collection(db, collection, search)


def no_documents(db: connection, name: str) -> JobError:
    """The error for a collection without documents: the others that there are, or how to add some."""
    names = []
    if has_tables(db):
        with db.cursor() as cursor:
            cursor.execute("SELECT DISTINCT collection FROM document ORDER BY 1")
            names = [row[0] for row in cursor]
    others = f"; these have some: {', '.join(names)}" if names else ""
    return JobError(
        f"There are no documents in {name}{others}: `python -m jobs documents add PATH`.", ErrorKind.not_found
    )


def search_collection(db: connection, collection: Collection, search: Search) -> DocumentsResult:
    """The k best passages of a collection that is there."""
    words, is_spanish = question_words(db, search.query)
    lists = {"words": rank_by_words(db, collection, words)}
    embedder, note = recorded_embedder(collection, search)
    if embedder and not (embedder.english_only and is_spanish):
        lists["meaning"] = rank_by_meaning(db, collection, embedder, search.query)
    return DocumentsResult(
        query=search.query,
        collection=collection.name,
        results=[read_found(db, n, *each) for n, each in enumerate(merge_ranks(lists)[: search.k], 1)],
        note=note,
    )


def rank_by_words(db: connection, collection: Collection, words: Sequence[str]) -> list[tuple[int, int]]:
    """The passages with one of the words, best first. A passage is its document's id and its position."""
    if not words:
        return []
    with db.cursor() as cursor:
        cursor.execute(BY_WORDS, {"words": " | ".join(words), "collection": collection.name, "depth": DEPTH})
        return cursor.fetchall()


def rank_by_meaning(db: connection, collection: Collection, embedder: Embedder, query: str) -> list[tuple[int, int]]:
    """The passages about the same, nearest first."""
    vector = to_literal(embedder.embed([query])[0])
    values = {"vector": vector, "collection": collection.name, "depth": DEPTH, "least": LEAST_SIMILARITY}
    with db.cursor() as cursor:
        cursor.execute(BY_MEANING, values)
        return cursor.fetchall()


def merge_ranks(lists: dict[str, list[tuple[int, int]]]) -> list[tuple[tuple[int, int], str, float]]:
    """Each passage with the list that has it (or `both`) and its score, best first."""
    scores: dict[tuple[int, int], float] = {}
    by: dict[tuple[int, int], str] = {}
    for name, passages in lists.items():
        for rank, passage in enumerate(passages, 1):
            scores[passage] = scores.get(passage, 0) + 1 / (RANK_CONSTANT + rank)
            by[passage] = "both" if passage in by else name
    return [(each, by[each], scores[each]) for each in sorted(scores, key=lambda each: (-scores[each], each))]


def read_found(db: connection, n: int, passage: tuple[int, int], by: str, score: float) -> Found:
    with db.cursor() as cursor:
        cursor.execute(READ, passage)
        rows = cursor.fetchall()
    document, heading, page, text = rows[0]
    return Found(n, document, heading, page, by, round(score, 6), text)


def recorded_embedder(collection: Collection, search: Search) -> tuple[Embedder | None, str]:
    """What computed the collection's vectors, or why it cannot be used now: words alone then.

    Raises JobError where another model answers in its place: its numbers mean something else.
    """
    if not collection.model:
        return None, ""
    if collection.model == minilm.MODEL:
        if minilm.is_installed():
            return local_embedder(), ""
        return None, f"By words alone: {collection.model} is not installed (requirements-documents.txt)."
    if search.connection is None:
        return None, f"By words alone: name the server of {collection.model} with `--base-url` and `--embed-model`."
    model, size = (search.model, None) if search.model else (ALIAS, SHORTENED)
    embedder = remote_embedder(search.connection, model, size)
    if (embedder.model, embedder.dimensions) != (collection.model, collection.dimensions):
        raise JobError(
            f"The vectors of {collection.name} are from {collection.describe()}, and {embedder.model} with "
            f"{embedder.dimensions} numbers answers now: add the documents again with `--replace`.",
            ErrorKind.conflict,
        )
    return embedder, ""
