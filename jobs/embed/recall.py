"""How many of the true neighbours a cheaper network still finds, on the person's own pictures. Pure."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

AT = 10
SAMPLE = 512  # pictures: the figure's standard error is then below 0.01


@dataclass(frozen=True)
class Recall:
    """The share of the 10 nearest of fp32 that are among the 10 nearest of the cheaper rows, asked in fp32 as `search`
    does; None where a sample of `pictures` cannot tell."""

    share: float | None
    pictures: int

    def line(self) -> str:
        if self.share is None:
            return f"recall: {self.pictures} pictures are too few to tell how many neighbours int8 finds"
        return f"recall: int8 finds {self.share:.1%} of fp32's {AT} nearest pictures ({self.pictures} of yours asked)"


def measure_recall(exact: NDArray[np.float32], near: NDArray[np.float32]) -> Recall:
    """Of (n, d) vectors of the same n pictures by the exact and by the cheaper network."""
    count = len(exact)
    k = min(AT, count - 2)  # with one picture fewer than there are, every answer is right
    if k < 1:
        return Recall(None, count)
    true, found = nearest_neighbours(exact, exact, k), nearest_neighbours(exact, near, k)
    hits = sum(len(set(a) & set(b)) for a, b in zip(true.tolist(), found.tolist(), strict=True))
    return Recall(round(hits / (count * k), 4), count)


def nearest_neighbours(queries: NDArray[np.float32], rows: NDArray[np.float32], k: int) -> NDArray[np.intp]:
    """The places of each query's k nearest rows by cosine, itself left out: (n, k)."""
    cosines = normalize(queries) @ normalize(rows).T
    np.fill_diagonal(cosines, -np.inf)
    return np.argsort(-cosines, axis=1, kind="stable")[:, :k]


def normalize(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    longest: NDArray[np.float32] = np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    return vectors / longest
