"""What is searched for and what is found, the same in every place."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from jobs.errors import JobError
from jobs.postgres.copy import Vector
from jobs.provenance import Provenance

Embed: TypeAlias = Callable[[Provenance], Vector]
"""The query's vector, (512,) float32, made as the table's were."""


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


def nearest_first(matches: Iterable[Match]) -> list[Match]:
    return sorted(matches, key=lambda match: (match.distance, match.id))


def no_such_emotion(emotion: str, there: Iterable[str]) -> JobError:
    """For an emotion that no picture has: an empty answer would look like one."""
    return JobError(f"No picture has the emotion {emotion}: there are {', '.join(sorted(there)) or 'none at all'}.")
