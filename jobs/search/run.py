"""Search for the pictures most like one picture, by the cosine of their vectors."""

from dataclasses import dataclass

from jobs.embed.prepare import prepare_picture
from jobs.embed.weights import load_recorded
from jobs.errors import ErrorKind, JobError
from jobs.pictures.read import UnreadableError, read_file
from jobs.postgres.copy import Vector
from jobs.provenance import Provenance
from jobs.search.ai_search import search_azure_search
from jobs.search.faiss_search import search_lake
from jobs.search.pgvector_search import search_database
from jobs.search.query import Match, Query
from jobs.target import Target

__all__ = ["Match", "Query", "SearchResult", "search_pictures"]

SEARCHES = {
    "lake": search_lake,
    "database": search_database,
    "azure-search": search_azure_search,
}


@dataclass(frozen=True, kw_only=True)
class SearchResult:
    """The k nearest matches, nearest first. Fewer only if no more exist."""

    query: str
    k: int
    place: str
    weights: str
    results: list[Match]

    def summary(self) -> str:
        where = "Azure AI Search" if self.place == "azure-search" else f"the {self.place}"
        lines = [f"Nearest to {self.query} in {where} (weights {self.weights}):"]
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
        from jobs.embed.model import build_embedder

        network = build_embedder(load_recorded(provenance, query.weights).file, provenance.precision)
        vector: Vector = network(picture[None])[0]
        return vector

    provenance, results = SEARCHES[query.place](target, query, embed)
    return SearchResult(
        query=str(query.picture), k=query.k, place=query.place, weights=provenance.weights, results=results
    )
