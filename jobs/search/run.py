"""Search for the pictures most like one picture, by the cosine of their vectors."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from jobs.embed.prepare import prepare_picture
from jobs.embed.weights import load_recorded
from jobs.errors import ErrorKind, JobError
from jobs.notice import say_if_slow
from jobs.pictures.read import UnreadableError, read_file
from jobs.postgres.copy import Vector
from jobs.provenance import Provenance
from jobs.search.query import Embed, Match, Query
from jobs.target import Target

__all__ = ["Match", "Query", "SearchResult", "search_pictures"]

Search: TypeAlias = Callable[[Target, Query, Embed], tuple[Provenance, list[Match]]]


@dataclass(frozen=True, kw_only=True)
class SearchResult:
    """The k nearest matches, nearest first. Fewer only if no more exist."""

    query: str
    k: int
    place: str
    weights: str
    results: list[Match]

    def summary(self) -> str:
        lines = [f"Nearest to {self.query} in {describe_place(self.place)} (weights {self.weights}):"]
        return "\n".join(lines + [f"  {m.distance:.4f}  {m.emotion:10} {m.filepath}" for m in self.results])


def search_pictures(target: Target, query: Query) -> SearchResult:
    """Raises JobError if the picture cannot be read, nothing was indexed, or no picture has the emotion."""
    try:
        picture = prepare_picture(read_file(query.picture))
    except UnreadableError as error:
        raise JobError(
            f"The picture {query.picture} cannot be read ({error}): name a complete JPEG or PNG.", ErrorKind.invalid
        ) from error

    def embed(provenance: Provenance) -> Vector:
        weights = load_recorded(provenance, query.weights)
        with say_if_slow("Loading the network"):
            from jobs.embed.model import build_embedder

            vector: Vector = build_embedder(weights.file, provenance.precision)(picture[None])[0]
        return vector

    with say_if_slow(f"Reading the index in {describe_place(query.place)}"):
        provenance, results = import_search(query.place)(target, query, embed)
    return SearchResult(
        query=str(query.picture), k=query.k, place=query.place, weights=provenance.weights, results=results
    )


def describe_place(place: str) -> str:
    return "Azure AI Search" if place == "azure-search" else f"the {place}"


def import_search(place: str) -> Search:
    """Return the search of a place: lake, database or azure-search. Only its own libraries are imported."""
    if place == "lake":
        from jobs.search.faiss_search import search_lake

        return search_lake
    if place == "database":
        from jobs.search.pgvector_search import search_database

        return search_database
    from jobs.search.ai_search import search_azure_search

    return search_azure_search
