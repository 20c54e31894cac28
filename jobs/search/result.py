"""The result of a search, in one place."""

from dataclasses import dataclass

from jobs.search.query import Match, describe_place


@dataclass(frozen=True, kw_only=True)
class SearchResult:
    """The k nearest matches, nearest first. Fewer only if no more exist.

    `query` is the picture's path; `query_id` is its id if it is one of the collection. `exact`: every vector was
    compared. `embed_seconds` is how long the query's vector took, `search_seconds` all the rest.
    """

    query: str
    k: int
    place: str
    weights: str
    results: list[Match]
    query_id: int | None = None
    emotion: str | None = None
    exact: bool = True
    embed_seconds: float = 0.0
    search_seconds: float = 0.0
    notes: tuple[str, ...] = ()

    def summary(self) -> str:
        lines = [f"Nearest to {self.query} in {describe_place(self.place)} (weights {self.weights}):"]
        return "\n".join(lines + [f"  {m.distance:.4f}  {m.emotion:10} {m.filepath}" for m in self.results])
