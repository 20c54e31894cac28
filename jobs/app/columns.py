"""What one place answers, as a column of the search page: its matches, their purity, and how far places agree."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from jobs.errors import JobError
from jobs.search.query import Match
from jobs.search.result import SearchResult


@dataclass(frozen=True)
class Purity:
    """`hits` of `of` matches have the emotion; by chance it would be `chance` of them."""

    emotion: str
    hits: int
    of: int
    chance: float


@dataclass(frozen=True, kw_only=True)
class Column:
    """The answer of a place, or the error with which it refuses. `overlap` is with the first exact place: 0 to 1."""

    place: str
    result: SearchResult | None = None
    error: JobError | None = None
    purity: Purity | None = None
    overlap: float | None = None

    @property
    def farthest(self) -> float:
        """The longest distance, for the lengths of the bars."""
        return max((match.distance for match in self.result.results), default=0.0) if self.result else 0.0


def measure_purity(result: SearchResult, counts: Mapping[str, int]) -> Purity | None:
    """How many matches have the query's emotion; the most frequent among them, if the query has none.

    The query's own picture counts neither as a match nor in the chance. None with a filter by emotion, which would
    make all of them equal, and without matches.
    """
    matches = [match for match in result.results if match.id != result.query_id]
    if not matches or result.emotion:
        return None
    own = next((match.emotion for match in result.results if match.id == result.query_id), None)
    found = Counter(match.emotion for match in matches)
    emotion = own or min(found, key=lambda name: (-found[name], name))
    themselves = 1 if own else 0
    others = max(sum(counts.values()) - themselves, 1)
    chance = len(matches) * (counts.get(emotion, 0) - themselves) / others
    return Purity(emotion, found[emotion], len(matches), max(chance, 0.0))


def add_overlaps(columns: Sequence[Column]) -> list[Column]:
    """The columns with the share of matches that each has in common with the first exact one."""
    first = next((column for column in columns if column.result and column.result.exact), None)
    return [
        replace(column, overlap=share_of(first.result.results, column.result.results))
        if first and first.result and column.result and column is not first
        else column
        for column in columns
    ]


def share_of(expected: Sequence[Match], found: Sequence[Match]) -> float:
    """The share of the expected matches that were found."""
    ids = {match.id for match in expected}
    return len(ids & {match.id for match in found}) / max(len(ids), 1)
