"""What is explored: the rows of the lake's index."""

from collections import Counter
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from jobs.search.faiss_search import LakeIndex


@dataclass(frozen=True, kw_only=True)
class Collection:
    """n pictures: `vectors` is (n, 512) float32, each of length 1; all columns are in one order.

    `etag` is that of the Parquet: it changes with every new one.
    """

    ids: NDArray[np.int64]
    emotions: NDArray[np.object_]
    filepaths: list[str]
    vectors: NDArray[np.float32]
    weights: str
    etag: str

    @classmethod
    def from_index(cls, lake: LakeIndex) -> "Collection":
        """The collection of an index that was read."""
        manifest = lake.index.manifest
        return cls(
            ids=lake.ids,
            emotions=lake.emotions,
            filepaths=lake.filepaths,
            vectors=lake.index.vectors.reconstruct_n(0, len(lake.ids)),
            weights=manifest.provenance.weights,
            etag=manifest.parquet_etag,
        )

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def names(self) -> list[str]:
        """The emotions, the most frequent first."""
        counts = Counter(self.emotions.tolist())
        return sorted(counts, key=lambda name: (-counts[name], name))

    @cached_property
    def codes(self) -> NDArray[np.int64]:
        """The number of each picture's emotion in `names`."""
        numbers = {name: number for number, name in enumerate(self.names)}
        return np.array([numbers[name] for name in self.emotions.tolist()], dtype=np.int64)

    @cached_property
    def counts(self) -> NDArray[np.int64]:
        """How many pictures each of `names` has."""
        return np.bincount(self.codes, minlength=len(self.names))
