"""search: the pictures most like one picture, by the cosine of their vectors, from the lake's index or the database."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import faiss
import numpy as np
from psycopg2.extensions import connection

from jobs import blobs, index
from jobs.binary_copy import Vector
from jobs.contents import Unreadable, file_bytes, pixels
from jobs.embed.model import embedder
from jobs.embed.prepare import crops
from jobs.embed.weights import Recorded, again
from jobs.embed.write import recorded
from jobs.failure import Failure
from jobs.postgres import connected, one, target_url
from jobs.target import Target
from jobs.terminal import say

Embed: TypeAlias = Callable[[Recorded], Vector]

NEAREST = """
SELECT id, filepath, emotion, vector <=> %(query)s::vector AS distance FROM imagenes_fer
WHERE %(emotion)s::text IS NULL OR emotion = %(emotion)s ORDER BY vector <=> %(query)s::vector, id LIMIT %(k)s
"""


@dataclass(frozen=True, kw_only=True)
class Query:
    """`weights` is a file's path, for weights that moved since they filled the table."""

    picture: Path
    k: int = 5
    emotion: str | None = None
    place: str = "lake"
    weights: str | None = None


@dataclass(frozen=True)
class Match:
    """`filepath` as in the table; `distance` is 1 - cosine, from 0 (alike) to 2."""

    id: int
    filepath: str
    emotion: str
    distance: float


@dataclass(frozen=True, kw_only=True)
class Result:
    """At most k matches, the nearest first: fewer only where there are no more."""

    query: str
    k: int
    place: str
    weights: str
    results: list[Match]

    def summary(self) -> str:
        lines = [f"Nearest to {self.query} in the {self.place} (weights {self.weights}):"]
        return "\n".join(lines + [f"  {m.distance:.4f}  {m.emotion:10} {m.filepath}" for m in self.results])


def run(target: Target, query: Query) -> Result:
    """Raises Failure when the picture cannot be read, nothing was indexed, or no picture has the emotion."""
    try:
        grey = pixels(file_bytes(query.picture))
    except Unreadable as error:
        raise Failure(f"{query.picture} cannot be searched for: {error}.") from error

    def vector(known: Recorded) -> Vector:
        network = embedder(again(known, query.weights).file, known.precision)
        vector: Vector = network(crops([grey]))[0]
        return vector

    search = search_lake if query.place == "lake" else search_database
    known, results = search(target, query, vector)
    return Result(query=str(query.picture), k=query.k, place=query.place, weights=known.weights, results=results)


def search_lake(target: Target, query: Query, embed: Embed) -> tuple[Recorded, list[Match]]:
    """Exact, whatever the emotion."""
    container = blobs.lake(target)
    with blobs.reached(container):
        manifest, vectors, labels = index.load(container)
        if manifest.parquet_etag != index.parquet_etag(container):
            say("The Parquet is newer than its index: `python -m jobs index` brings the index up to date.")
    known = Recorded(manifest.weights, manifest.weights_sha256, manifest.precision)
    emotions = np.array(labels["emotion"].to_pylist(), dtype=object)
    wanted = np.flatnonzero(emotions == query.emotion) if query.emotion else np.arange(len(emotions))
    known_emotion(query, len(wanted), set(emotions))
    if not len(wanted):
        return known, []
    vector = np.array([embed(known)])
    faiss.normalize_L2(vector)
    only = faiss.SearchParameters(sel=faiss.IDSelectorBatch(wanted))  # type: ignore[call-arg]  # by name only
    cosines, places = vectors.search(vector, min(query.k, len(wanted)), params=only)
    rows = labels.take(places[0]).to_pylist()
    matches = [Match(**row, distance=max(0.0, 1 - float(cosine))) for row, cosine in zip(rows, cosines[0], strict=True)]
    return known, sorted(matches, key=lambda match: (match.distance, match.id))


def search_database(target: Target, query: Query, embed: Embed) -> tuple[Recorded, list[Match]]:
    """By pgvector's index where there is one; by an exact scan where that finds fewer than there are."""
    with connected(target_url(target)) as db, db.cursor() as cursor:
        known = filled(db)
        cursor.execute("SELECT DISTINCT emotion FROM imagenes_fer")
        emotions = {emotion for (emotion,) in cursor}
        known_emotion(query, query.emotion is None or query.emotion in emotions, emotions)
        text = "[" + ",".join(map(repr, embed(known).tolist())) + "]"
        values = {"query": text, "emotion": query.emotion, "k": query.k}
        # Strict order goes on reading the index until k rows pass the filter, or it has read enough.
        cursor.execute("SET LOCAL hnsw.iterative_scan = strict_order")
        cursor.execute("SELECT set_config('hnsw.ef_search', %s, true)", (str(min(1000, max(40, 2 * query.k))),))
        cursor.execute(NEAREST, values)
        if cursor.rowcount < query.k:
            cursor.execute("SET LOCAL enable_indexscan = off")
            cursor.execute(NEAREST, values)
        return known, [Match(*row) for row in cursor]


def filled(db: connection) -> Recorded:
    """What filled the target's table.

    Raises Failure when nothing did.
    """
    known = recorded(db) if one(db, "SELECT to_regclass('embedding') IS NOT NULL") else None
    if known is None:
        raise Failure("The target's database holds no vectors: run `python -m jobs migrate`.")
    return known


def known_emotion(query: Query, found: int, emotions: set[str]) -> None:
    """Refuse an emotion that no picture has: an empty answer would look like one."""
    if query.emotion is not None and not found:
        there = ", ".join(sorted(emotions)) or "none at all"
        raise Failure(f"No picture has the emotion {query.emotion}: there are {there}.")
