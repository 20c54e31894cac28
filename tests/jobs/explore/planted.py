"""A collection in clusters, one an emotion, with what a test plants in it."""

import numpy as np

from jobs.explore.collection import Collection

EMOTIONS = ("happy", "sad", "angry", "fear")
EACH = 60


def make_collection(seed: int = 1) -> Collection:
    """240 pictures in four clusters: each has neighbors of its own emotion only."""
    random = np.random.default_rng(seed)
    centers = random.normal(size=(len(EMOTIONS), 512))
    vectors = np.repeat(centers, EACH, axis=0) + random.normal(size=(len(EMOTIONS) * EACH, 512)) * 0.5
    emotions = [emotion for emotion in EMOTIONS for _ in range(EACH)]
    return build(vectors, emotions)


def build(vectors: np.ndarray, emotions: list[str]) -> Collection:
    """A collection of any vectors, which get length 1."""
    unit = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    return Collection(
        ids=np.arange(len(unit), dtype=np.int64) + 1000,
        emotions=np.array(emotions, dtype=object),
        filepaths=[f"{emotion}/{number}.jpg" for number, emotion in enumerate(emotions)],
        vectors=unit,
        weights="imagenet",
        etag="1",
    )
