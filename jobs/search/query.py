"""A search, and one match: the same for every place. Imports nothing but the standard library and jobs.errors."""

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
"""Computes the query's vector, (512,) float32, with the weights and precision that filled the place."""


@dataclass(frozen=True, kw_only=True)
class Criteria:
    """What is searched for. `place` is lake, database or azure-search; `emotion` None is every emotion."""

    k: int = 5
    emotion: str | None = None
    place: str = "lake"


@dataclass(frozen=True, kw_only=True)
class Query(Criteria):
    """The search of the command line: with a picture. `weights` is a file, for weights that have moved."""

    picture: Path
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


def no_such_picture(id: int) -> JobError:
    """The error for an id that no picture has."""
    return JobError(f"No picture has the id {id}: it may have been deleted since.", ErrorKind.not_found)


def describe_place(place: str) -> str:
    """A place in the middle of a sentence."""
    return "Azure AI Search" if place == "azure-search" else f"the {place}"
