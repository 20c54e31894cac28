"""How often the vote of the neighbours says the given emotion, by emotion."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jobs.explore.collection import Collection
from jobs.explore.suspects import Vote


@dataclass(frozen=True)
class Confusion:
    """`cells[given, said]` counts pictures. `most_frequent` is the accuracy of always saying the first emotion."""

    cells: NDArray[np.int64]
    accuracy: float
    recalls: NDArray[np.float64]
    most_frequent: float


def count_confusion(collection: Collection, vote: Vote) -> Confusion:
    """The table of a vote, its rows and columns in the order of the collection's `names`."""
    size = len(collection.names)
    cells = np.zeros((size, size), np.int64)
    np.add.at(cells, (collection.codes, vote.said), 1)
    total, rows = max(int(cells.sum()), 1), np.maximum(cells.sum(axis=1), 1)
    right = cells.diagonal()
    return Confusion(cells, float(right.sum() / total), right / rows, float(collection.counts.max(initial=0) / total))
