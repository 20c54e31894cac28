"""What every place that can be searched offers: the lake, the database, Azure AI Search."""

from dataclasses import dataclass
from typing import Protocol

from jobs.postgres.copy import Vector
from jobs.provenance import Provenance
from jobs.search.query import Match


@dataclass(frozen=True)
class Found:
    """What a place answers: the matches, nearest first, and whether every vector was compared.

    `made_with` filled the vectors that were compared: it differs from an earlier answer if the place was filled again
    in between. `notes` are sentences about the place, such as that its index is older than its vectors.
    """

    matches: list[Match]
    exact: bool
    made_with: Provenance
    notes: tuple[str, ...] = ()


class Place(Protocol):
    """A place. It is opened when it is first asked, and then kept open. Every method raises JobError."""

    def made_with(self) -> Provenance:
        """What filled it."""

    def vector(self, id: int) -> Vector | None:
        """The vector of a picture, (512,) float32; None if the place does not give vectors.

        Raises JobError if there is no such picture.
        """

    def nearest(self, vector: Vector, k: int, emotion: str | None) -> Found:
        """The k nearest pictures, with an emotion the k nearest of it. Fewer only if there are no more."""

    def close(self) -> None:
        """Close what it keeps open. It is opened again when it is asked."""
