"""Search the lake's own index. It is exact, also with an emotion."""

import time
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from threading import Lock

import faiss
import numpy as np
from azure.storage.blob import ContainerClient
from numpy.typing import NDArray

from jobs.index.faiss_index import CURRENT, Index, current_etag, load_index
from jobs.postgres.copy import Vector
from jobs.provenance import Provenance
from jobs.search.place import Found
from jobs.search.query import Match, nearest_first, no_such_emotion, no_such_picture
from jobs.storage.client import lake_container, translate_storage_errors
from jobs.storage.lake import parquet_etag
from jobs.target import Target

__all__ = ["CURRENT", "LakeIndex", "LakePlace"]

CHECK_SECONDS = 5.0
OLDER = "The Parquet is newer than its index: `python -m jobs index` updates the index."


@dataclass(frozen=True)
class LakeIndex:
    """An index in memory, whole: `ids`, `emotions` and `filepaths` are in the order of its vectors."""

    index: Index
    ids: NDArray[np.int64]
    emotions: NDArray[np.object_]
    filepaths: list[str]

    @classmethod
    def load(cls, container: ContainerClient) -> "LakeIndex":
        """The lake's index. Raises JobError if there is none."""
        index = load_index(container)
        # As lists: pyarrow's own conversions to numpy import pandas where it is installed.
        ids, emotions, filepaths = (index.labels[name].to_pylist() for name in ("id", "emotion", "filepath"))
        return cls(index, np.array(ids, np.int64), np.array(emotions, dtype=object), filepaths)

    @cached_property
    def positions(self) -> dict[int, int]:
        """The position of each id."""
        return {id: position for position, id in enumerate(self.ids.tolist())}

    @cached_property
    def counts(self) -> Counter[str]:
        """How many pictures each emotion has."""
        return Counter(self.emotions.tolist())

    def match(self, position: int, cosine: float) -> Match:
        distance = max(0.0, 1 - cosine)
        return Match(int(self.ids[position]), self.filepaths[position], str(self.emotions[position]), distance)

    def nearest(self, vector: Vector, k: int, emotion: str | None) -> list[Match]:
        """The nearest pictures. Raises JobError if no picture has the emotion."""
        candidates = np.flatnonzero(self.emotions == emotion) if emotion else np.arange(len(self.ids))
        if not len(candidates):
            if emotion:
                raise no_such_emotion(emotion, self.counts)
            return []
        query = np.array([vector])
        faiss.normalize_L2(query)
        only = faiss.SearchParameters(sel=faiss.IDSelectorBatch(candidates))  # type: ignore[call-arg]  # by name only
        cosines, positions = self.index.vectors.search(query, min(k, len(candidates)), params=only)
        pairs = zip(positions[0].tolist(), cosines[0].tolist(), strict=True)
        return nearest_first(self.match(position, cosine) for position, cosine in pairs)


class LakePlace:
    """The lake. A newer index takes the place of the one in memory at once; a search in progress keeps the old one."""

    def __init__(self, target: Target) -> None:
        self._container, self._lock = lake_container(target), Lock()
        self._current: LakeIndex | None = None
        self._checked, self._older = 0.0, False

    def current(self) -> LakeIndex:
        """The index. Whether there is a newer one is asked at most every CHECK_SECONDS. Raises JobError."""
        with self._lock:
            if self._current is None or time.monotonic() - self._checked > CHECK_SECONDS:
                self._check()
            assert self._current  # noqa: S101 - for the type checker
            return self._current

    def _check(self) -> None:
        with translate_storage_errors(self._container):
            if self._current is None or current_etag(self._container) != self._current.index.etag:
                self._current = LakeIndex.load(self._container)
            self._older = self._current.index.manifest.parquet_etag != parquet_etag(self._container)
        self._checked = time.monotonic()

    def made_with(self) -> Provenance:
        return self.current().index.manifest.provenance

    def vector(self, id: int) -> Vector:
        current = self.current()
        if id not in current.positions:
            raise no_such_picture(id)
        return np.asarray(current.index.vectors.reconstruct(current.positions[id]), dtype=np.float32)

    def nearest(self, vector: Vector, k: int, emotion: str | None) -> Found:
        current = self.current()
        notes = (OLDER,) if self._older else ()
        return Found(current.nearest(vector, k, emotion), True, current.index.manifest.provenance, notes)

    def close(self) -> None:
        with self._lock:
            self._current = None
            self._container.close()
