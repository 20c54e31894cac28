"""A table of clustered vectors for an index, the exact neighbors by numpy, and functions that change the table."""

from dataclasses import dataclass

import numpy as np
import psycopg2
import pytest

EMOTIONS = {"happy": 2600, "neutral": 340, "sad": 45, "fear": 14, "disgust": 1}
ROWS = sum(EMOTIONS.values())
SHAPES = pytest.mark.parametrize("halfvec", [False, True])


@dataclass
class Table:
    """A table of seeded vectors in clusters, most of them of one emotion."""

    url: str
    vectors: np.ndarray
    emotions: np.ndarray

    def exact(self, query: np.ndarray, k: int, emotion: str | None) -> tuple[set[int], list[float]]:
        """All ids that may be among the k nearest, and the k distances, by numpy."""
        lengths = np.linalg.norm(self.vectors.astype(np.float64), axis=1) * np.linalg.norm(query.astype(np.float64))
        distances = 1 - self.vectors.astype(np.float64) @ query / lengths
        wanted = np.flatnonzero((self.emotions == emotion) | (emotion is None))
        order = wanted[np.argsort(distances[wanted])][:k]
        return {int(n) + 1 for n in order}, sorted(distances[order].tolist())


def clustered_rows() -> tuple[np.ndarray, np.ndarray]:
    """Seeded vectors around 12 centers, and an emotion for each."""
    random = np.random.default_rng(3)
    centers = random.random((12, 512))
    vectors = (centers[random.integers(12, size=ROWS)] + 0.3 * random.random((ROWS, 512))).astype(np.float32)
    return vectors, random.permutation(np.repeat(list(EMOTIONS), list(EMOTIONS.values())))


def execute(table: Table, *statements: str) -> None:
    db = psycopg2.connect(table.url)
    db.autocommit = True
    with db.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
    db.close()


def pretend(table: Table, version: str) -> None:
    execute(table, f"UPDATE pg_extension SET extversion = '{version}' WHERE extname = 'vector'")
