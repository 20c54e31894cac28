"""recall@10 of a quantized network on the user's own pictures. Pure."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

AT = 10
SAMPLE = 512  # pictures: the figure's standard error is then below 0.01


@dataclass(frozen=True)
class Recall:
    """The share of fp32's 10 nearest pictures that are also among the 10 nearest with quantized rows.

    Queries are fp32, as in `search`. `share` is None if the sample of `pictures` is too small.
    """

    share: float | None
    pictures: int

    def line(self) -> str:
        if self.share is None:
            return f"recall: {self.pictures} pictures are too few to measure int8's recall"
        return f"recall: int8 finds {self.share:.1%} of fp32's {AT} nearest pictures ({self.pictures} of yours tested)"


def measure_recall(exact: NDArray[np.float32], approximate: NDArray[np.float32]) -> Recall:
    """Compare the (n, d) vectors that the exact and the quantized network give for the same n pictures."""
    count = len(exact)
    k = min(AT, count - 2)  # with k = count - 1, every answer would be right
    if k < 1:
        return Recall(None, count)
    expected, nearest = nearest_neighbors(exact, exact, k), nearest_neighbors(exact, approximate, k)
    hits = sum(len(set(a) & set(b)) for a, b in zip(expected.tolist(), nearest.tolist(), strict=True))
    return Recall(round(hits / (count * k), 4), count)


def nearest_neighbors(queries: NDArray[np.float32], rows: NDArray[np.float32], k: int) -> NDArray[np.intp]:
    """Return the indices of each query's k nearest rows by cosine, without itself: (n, k)."""
    cosines = normalize(queries) @ normalize(rows).T
    np.fill_diagonal(cosines, -np.inf)
    return np.argsort(-cosines, axis=1, kind="stable")[:, :k]


def normalize(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    norms: NDArray[np.float32] = np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    return vectors / norms
