"""Duplicates in three kinds that are never mixed: the same content, the same vector, and near."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jobs.explore.collection import Collection
from jobs.explore.neighbours import Neighbours

NEAR = 0.01  # distance. Narrow: a wide one finds pictures that are only alike
SAME = 1e-6  # distance of two equal vectors, with float32's rounding
KINDS = ("content", "vector", "near")


@dataclass(frozen=True)
class Twins:
    """Pictures that are one: `positions` in order; `distance` between the two nearest. `mixed`: of several emotions."""

    kind: str
    positions: tuple[int, ...]
    distance: float
    mixed: bool


def find_twins(collection: Collection, near: Neighbours, md5s: Mapping[str, bytes], below: float = NEAR) -> list[Twins]:
    """All groups, those across emotions first: there a label is wrong. `md5s` is by filepath, from the lake's listing.

    A group of equal content is not one of equal vectors too, and one of equal vectors is not near too.
    """
    content = group_by(md5s.get(path) for path in collection.filepaths)
    vector = group_by(collection.vectors[position].tobytes() for position in range(len(collection)))
    known = {pair for group in (*content, *vector) for pair in pairs_of(group)}
    vector = [group for group in vector if set(group) not in map(set, content)]
    found = [make_twins(collection, "content", group, 0.0) for group in content]
    found += [make_twins(collection, "vector", group, 0.0) for group in vector]
    for first, second, distance in near_pairs(near, below):
        if (first, second) not in known:
            found.append(make_twins(collection, "near", (first, second), distance))
    return sorted(found, key=lambda twins: (not twins.mixed, KINDS.index(twins.kind), twins.distance, twins.positions))


def group_by(keys: Iterable[object]) -> list[tuple[int, ...]]:
    """The positions that have an equal key, where there are several. None is not a key."""
    groups: dict[object, list[int]] = defaultdict(list)
    for position, key in enumerate(keys):
        if key is not None:
            groups[key].append(position)
    return [tuple(group) for group in groups.values() if len(group) > 1]


def pairs_of(group: tuple[int, ...]) -> list[tuple[int, int]]:
    return [(first, second) for number, first in enumerate(group) for second in group[number + 1 :]]


def near_pairs(near: Neighbours, below: float) -> list[tuple[int, int, float]]:
    """Each pair whose distance is below a limit, once: the lower position first."""
    rows, columns = np.nonzero(near.distances < below)
    others = near.positions[rows, columns]
    pairs = {
        (min(row, other), max(row, other)): float(near.distances[row, column])
        for row, column, other in zip(rows.tolist(), columns.tolist(), others.tolist(), strict=True)
    }
    return [(*pair, distance) for pair, distance in pairs.items()]


def make_twins(collection: Collection, kind: str, positions: tuple[int, ...], distance: float) -> Twins:
    emotions: NDArray[np.object_] = collection.emotions[list(positions)]
    return Twins(kind, positions, distance, len(set(emotions.tolist())) > 1)
