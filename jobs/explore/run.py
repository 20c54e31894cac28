"""Explore the lake: what its vectors say about its labels and its duplicates."""

import time
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from jobs.explore.exploration import Exploration, explore_collection, lay_out_again
from jobs.explore.files import SUSPECTS, suspect_rows, write_files
from jobs.explore.layout import BY_NEIGHBOURS
from jobs.explore.suspects import VOTERS
from jobs.explore.twins import KINDS
from jobs.notice import say_if_slow
from jobs.search.faiss_search import LakePlace
from jobs.storage.client import lake_container
from jobs.target import Target

SHOWN = 10


@dataclass(frozen=True, kw_only=True)
class ExploreResult:
    """`agreement` is the share of pictures whose nearest say their label; `most_frequent` the share of one emotion.

    `alone` pictures have no neighbor of their emotion. `duplicates` counts groups by kind, `mixed` those across
    emotions. `nearest` is the distance of the two nearest pictures. `suspects` has the SHOWN least supported labels.
    """

    pictures: int
    emotions: dict[str, int]
    weights: str
    map: str
    agreement: float
    agreement_with_duplicates: float
    most_frequent: float
    alone: int
    duplicates: dict[str, int]
    mixed: int
    nearest: float | None
    suspected: int
    suspects: list[dict[str, Any]]
    confusion: list[list[int]]
    seconds: float
    files: list[str] = field(default_factory=list)

    def summary(self) -> str:
        untrained = " (untrained weights)" if self.weights.startswith("random") else ""
        first = next(iter(self.emotions), "none")
        near = "" if self.nearest is None else f", nearest two {self.nearest:.4f}"
        twins = sum(self.duplicates.values())
        line = (
            f"{self.pictures:,} pictures, {len(self.emotions)} emotions{untrained}: the {VOTERS} nearest say the label "
            f"of {self.agreement:.0%} ({first} alone: {self.most_frequent:.0%}); {self.alone:,} have no neighbor of "
            f"their emotion; {twins:,} duplicates{near}"
        )
        return "\n".join([line, *(f"  {file}" for file in self.files)])


@say_if_slow("Comparing every picture with all others")
def explore_target(target: Target, out: Path | None = None) -> ExploreResult:
    """Explore the target's lake, and write the files of `out`. Raises JobError if it has no index."""
    started = time.perf_counter()
    place = LakePlace(target)
    found = explore_collection(lake_container(target), place.current())
    places = lay_out_again(found.collection)
    if places is not None:
        found = replace(found, map=BY_NEIGHBOURS, places=places)
    files = write_files(found, out) if out else []
    place.close()
    return describe(found, files, time.perf_counter() - started)


def describe(found: Exploration, files: list[str], seconds: float) -> ExploreResult:
    """The figures of an exploration."""
    collection, twins = found.collection, found.twins()
    kinds = Counter(each.kind for each in twins)
    suspects = list(suspect_rows(found))
    same = collection.codes[found.near.positions] == collection.codes[:, None]
    return ExploreResult(
        pictures=len(collection),
        emotions=dict(zip(collection.names, collection.counts.tolist(), strict=True)),
        weights=collection.weights,
        map=found.map,
        agreement=round(found.confusion.accuracy, 4),
        agreement_with_duplicates=round(found.with_twins.accuracy, 4),
        most_frequent=round(found.confusion.most_frequent, 4),
        alone=int(np.sum(~same.any(axis=1))),
        duplicates={kind: kinds[kind] for kind in KINDS},
        mixed=sum(each.mixed for each in twins),
        nearest=round(float(found.near.distances.min()), 6) if found.near.distances.size else None,
        suspected=len(suspects),
        suspects=[dict(zip(SUSPECTS, row, strict=True)) for row in suspects[:SHOWN]],
        confusion=found.confusion.cells.tolist(),
        seconds=round(seconds, 3),
        files=files,
    )
