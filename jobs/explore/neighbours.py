"""The nearest pictures of each picture: computed once, and what every other check begins with."""

from dataclasses import dataclass

import faiss
import numpy as np
from numpy.typing import NDArray

NEIGHBOURS = 16
CHUNK = 1024  # queries at a time: the answer of one is small, but the comparison of all at once is not


@dataclass(frozen=True)
class Neighbours:
    """`positions` and `distances` (1 - cosine) are (n, k), nearest first; k is NEIGHBOURS, or n - 1 if that is less."""

    positions: NDArray[np.int64]
    distances: NDArray[np.float32]


def find_neighbours(vectors: NDArray[np.float32], count: int = NEIGHBOURS) -> Neighbours:
    """The nearest others of each of (n, d) vectors of length 1, exactly."""
    total = len(vectors)
    count = max(min(count, total - 1), 0)
    positions = np.empty((total, count), np.int64)
    distances = np.empty((total, count), np.float32)
    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(vectors)
    for start in range(0, total, CHUNK):
        rows = np.arange(start, min(start + CHUNK, total))
        cosines, found = index.search(vectors[rows], count + 1)
        kept = drop_self(found, rows)
        positions[rows] = found[kept].reshape(len(rows), count)
        distances[rows] = np.maximum(1 - cosines[kept].reshape(len(rows), count), 0)
    return Neighbours(positions, distances)


def drop_self(found: NDArray[np.int64], rows: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Where the (m, k + 1) answers are others: all but the picture itself, which copies of it may push out.

    Where it was pushed out, the last answer is dropped instead.
    """
    kept: NDArray[np.bool_] = found != rows[:, None]
    kept[kept.all(axis=1), -1] = False
    return kept
