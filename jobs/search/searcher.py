"""Searches one after another: what they need is opened when it is first needed, and kept open."""

import time
from collections.abc import Callable
from threading import Lock
from typing import Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

from jobs.embed.prepare import prepare_picture
from jobs.errors import ErrorKind, JobError
from jobs.pictures.read import UnreadableError
from jobs.postgres.copy import Vector
from jobs.provenance import Provenance
from jobs.search.networks import Networks
from jobs.search.place import Place
from jobs.search.query import Criteria, Embed
from jobs.search.result import SearchResult
from jobs.target import Target

Compute: TypeAlias = Callable[[NDArray[np.uint8], Provenance], NDArray[np.float32]]
"""From (n, 224, 224) uint8 grey pictures to (n, 512) float32 vectors."""

PLACES = ("lake", "database", "azure-search")
FILLED_AGAIN = "The vectors are being replaced by those of other weights: search again when that has ended."


class Searcher:
    """Searches the places of a target. Several threads may use it.

    `compute` runs the network (default: in the calling thread). `only_read`: nothing is written, a stale record of
    weights is not proved. `weights` is a file, for weights that have moved.
    """

    def __init__(
        self, target: Target, compute: Compute | None = None, only_read: bool = False, weights: str | None = None
    ) -> None:
        self.compute = compute or Networks(weights).compute
        self._target, self._only_read, self._weights = target, only_read, weights
        self._places: dict[str, Place] = {}
        self._lock = Lock()

    def place(self, name: str) -> Place:
        """A place by its name. Only its own libraries are imported. Raises JobError for an unknown name."""
        with self._lock:
            if name not in self._places:
                self._places[name] = self._build_place(name)
            return self._places[name]

    def _build_place(self, name: str) -> Place:
        if name == "lake":
            from jobs.search.faiss_search import LakePlace

            return LakePlace(self._target)
        if name == "database":
            from jobs.search.pgvector_search import DatabasePlace

            return DatabasePlace(self._target, self._only_read, self._weights)
        if name == "azure-search":
            from jobs.search.ai_search import AzureSearchPlace

            return AzureSearchPlace(self._target)
        raise JobError(f"There is no place {name}: name one of {', '.join(PLACES)}.", ErrorKind.usage)

    def by_picture(self, data: bytes, criteria: Criteria, name: str = "") -> SearchResult:
        """The pictures nearest to a picture file. `name` is the result's `query`. Raises JobError."""
        pixels = read_query(data, name)
        return self.by_vector(lambda made_with: self.compute(pixels[None], made_with)[0], criteria, name)

    def by_id(self, id: int, criteria: Criteria) -> SearchResult:
        """The pictures nearest to one of the collection, which is the first itself. Raises JobError."""
        return self.by_vector(lambda made_with: self._stored_vector(id, criteria.place, made_with), criteria, "", id)

    def by_vector(self, embed: Embed, criteria: Criteria, query: str = "", query_id: int | None = None) -> SearchResult:
        """The pictures nearest to the vector that `embed` computes for the weights of the place. Raises JobError."""
        place, started = self.place(criteria.place), time.perf_counter()
        made_with, embed_seconds = place.made_with(), 0.0
        for _ in range(2):  # once more if the place was filled by other weights in between
            embedding = time.perf_counter()
            vector = embed(made_with)
            embed_seconds += time.perf_counter() - embedding
            found = place.nearest(vector, criteria.k, criteria.emotion)
            if found.made_with == made_with:
                return SearchResult(
                    query=query,
                    k=criteria.k,
                    place=criteria.place,
                    weights=made_with.weights,
                    results=found.matches,
                    query_id=query_id,
                    emotion=criteria.emotion,
                    exact=found.exact,
                    embed_seconds=round(embed_seconds, 6),
                    search_seconds=round(time.perf_counter() - started - embed_seconds, 6),
                    notes=found.notes,
                )
            made_with = found.made_with
        raise JobError(FILLED_AGAIN, ErrorKind.conflict)

    def _stored_vector(self, id: int, name: str, made_with: Provenance) -> Vector:
        """The vector of a picture: of the place itself, or of another place that the same weights filled."""
        vector = self.place(name).vector(id)
        for other in ("lake", "database"):
            if vector is None and self.place(other).made_with() == made_with:
                vector = self.place(other).vector(id)
        if vector is None:
            raise JobError(f"No place has the vector of the picture {id} by {made_with.weights} weights.")
        return vector

    def close(self) -> None:
        """Close every place."""
        for place in self._places.values():
            place.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


def read_query(data: bytes, name: str) -> NDArray[np.uint8]:
    """The pixels of a picture as the network takes them: (224, 224) uint8. Raises JobError if it cannot be read."""
    try:
        return prepare_picture(data)
    except UnreadableError as error:
        raise unreadable_query(name, str(error)) from error


def unreadable_query(name: str, reason: str) -> JobError:
    picture = f"The picture {name}" if name else "The picture"
    return JobError(f"{picture} cannot be read ({reason}): name a complete JPEG or PNG.", ErrorKind.invalid)
