"""A search and its matches: the same for every index. Imports nothing but the standard library and jobs.errors."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from jobs.errors import ErrorKind, JobError

if TYPE_CHECKING:
    from jobs.postgres.copy import Vector
    from jobs.provenance import Provenance

Embed: TypeAlias = "Callable[[Provenance], Vector]"
"""Computes the query's vector, (512,) float32, with the weights and precision that filled the table."""


@dataclass(frozen=True, kw_only=True)
class Query:
    """`place` is where to search: lake, database or azure-search. `weights` is a file, for weights that have moved."""

    picture: Path
    k: int = 5
    emotion: str | None = None
    place: str = "lake"
    weights: str | None = None


@dataclass(frozen=True)
class Match:
    """`filepath` as in the table; `distance` is 1 - cosine, from 0 (same direction) to 2."""

    id: int
    filepath: str
    emotion: str
    distance: float


def nearest_first(matches: Iterable[Match]) -> list[Match]:
    """Sorted by distance, equal distances by id."""
    return sorted(matches, key=lambda match: (match.distance, match.id))


def no_such_emotion(emotion: str, existing: Iterable[str]) -> JobError:
    """The error for an emotion that no picture has."""
    names = ", ".join(sorted(existing)) or "none"
    return JobError(f"No picture has the emotion {emotion}. The emotions are: {names}.", ErrorKind.not_found)
