"""A head for the faces: a linear layer on the 512 numbers, learned from the labels of the table, in closed form.

Linear discriminant analysis with shrinkage: https://doi.org/10.1016/S0047-259X(03)00096-4. It helps where held-out
pictures have more neighbours of their own emotion than before; a head that does not help is not written.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jobs.errors import ErrorKind, JobError
from jobs.notice import say_if_slow
from jobs.postgres.connection import open_connection
from jobs.postgres.rows import DIMENSIONS, read_rows
from jobs.provenance import Provenance, require_provenance
from jobs.state import atomic_file

Floats = NDArray[np.float64]
SHRINKAGE = 0.1  # of the mean eigenvalue
FEWEST = 4  # pictures of an emotion
LEAST_GAIN, LEAST_ERRORS = 0.05, 3.0  # the second in standard errors: the folds share pictures


@dataclass(frozen=True)
class Search:
    neighbours: int = 10
    test_size: float = 0.25
    folds: int = 5


@dataclass(frozen=True, kw_only=True)
class HeadResult:
    """`purity_` is the share of a held-out picture's nearest neighbours that have its emotion, the mean of the folds.

    `folds` has both for each division, `chance` is the share that neighbours by chance would have.
    """

    pictures: int
    classes: list[str]
    purity_before: float
    purity_after: float
    folds: list[tuple[float, float]]
    chance: float
    file: str

    def summary(self) -> str:
        return (
            f"{self.pictures:,} pictures, {len(self.classes)} emotions. Neighbours of the same emotion: "
            f"{self.purity_before:.3f} before, {self.purity_after:.3f} after, by chance {self.chance:.3f}\n"
            f"{self.file}: `python -m jobs embed DIR --weights {self.file} --replace`"
        )


def learn_head(search: Search, source: str | None, out: Path) -> HeadResult:
    """Learn a head from the table, judge it on held-out pictures, and write weights with it. Raises JobError."""
    from jobs.local.services import laptop_url

    with say_if_slow("Reading the table"), open_connection(source or laptop_url()) as db:
        provenance = require_provenance(db)
        db.rollback()  # read_rows begins a transaction of its own kind
        rows = list(read_rows(db))
    vectors = np.concatenate([each.vectors for each in rows]).astype(np.float64) if rows else np.empty((0, DIMENSIONS))
    emotions = [emotion for each in rows for emotion in each.emotions]
    classes, labels = number_classes(emotions)
    folds = [judge(vectors, labels, search, seed) for seed in range(search.folds)]
    before, after = (float(np.mean([fold[side] for fold in folds])) for side in (0, 1))
    if not helps(np.array([two - one for one, two in folds])):
        raise JobError(
            f"A head does not help: {before:.3f} of the neighbours have the same emotion without it, {after:.3f} with "
            "it. Nothing was written: more or better labelled pictures may help.",
            ErrorKind.refused,
        )
    write_weights(provenance, discriminants(vectors, labels), out)
    shares = np.bincount(labels) / len(labels)
    return HeadResult(
        pictures=len(labels),
        classes=classes,
        purity_before=round(before, 4),
        purity_after=round(after, 4),
        folds=[(round(one, 4), round(two, 4)) for one, two in folds],
        chance=round(float((shares**2).sum()), 4),
        file=str(out),
    )


def number_classes(emotions: Sequence[str]) -> tuple[list[str], NDArray[np.intp]]:
    """The emotions in their order, and the number of each picture's. Raises JobError for too few to learn from."""
    classes, labels = np.unique(np.array(emotions, dtype=object).astype(str), return_inverse=True)
    counts = np.bincount(labels) if len(labels) else np.array([0])
    if len(classes) < 2 or counts.min() < FEWEST:
        raise JobError(
            f"A head needs {FEWEST} pictures of each of two emotions: `python -m jobs embed DIR` fills the table.",
            ErrorKind.not_found,
        )
    return [str(each) for each in classes], labels


def discriminants(vectors: Floats, labels: NDArray[np.intp]) -> tuple[Floats, Floats]:
    """The linear discriminants of (n, 512) vectors: a (classes - 1, 512) matrix and its bias."""
    mean = vectors.mean(axis=0)
    counts = np.bincount(labels)
    means = np.stack([vectors[labels == each].mean(axis=0) for each in range(len(counts))])
    inner = vectors - means[labels]
    within = inner.T @ inner / len(vectors)
    within += np.eye(len(mean)) * SHRINKAGE * np.trace(within) / len(mean)
    values, axes = np.linalg.eigh(within)
    whiten = (axes / np.sqrt(np.maximum(values, 1e-12))).T
    outer = (means - mean) @ whiten.T * np.sqrt(counts / len(vectors))[:, None]
    _, _, directions = np.linalg.svd(outer, full_matrices=False)
    matrix = directions[: len(counts) - 1] @ whiten
    return matrix, -matrix @ mean


def judge(vectors: Floats, labels: NDArray[np.intp], search: Search, seed: int) -> tuple[float, float]:
    """The purity of held-out pictures' neighbours among the others, without and with a head learned from the others."""
    order = np.random.default_rng(seed).permutation(len(labels))
    held_out = max(1, round(len(labels) * search.test_size))
    test, train = order[:held_out], order[held_out:]
    known = np.unique(labels[train], return_inverse=True)[1]
    matrix, bias = discriminants(vectors[train], known)
    moved = vectors @ matrix.T + bias
    before, after = (purity(each, labels, (train, test), search.neighbours) for each in (vectors, moved))
    return before, after


def purity(vectors: Floats, labels: NDArray[np.intp], sides: tuple[Any, Any], neighbours: int) -> float:
    """The share of the nearest of the first side, by cosine, that have the emotion of a picture of the second side."""
    train, test = sides
    unit = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    nearest = np.argsort(-(unit[test] @ unit[train].T), axis=1, kind="stable")[:, :neighbours]
    return float((labels[train][nearest] == labels[test][:, None]).mean())


def helps(gains: Floats) -> bool:
    """Whether the gains of the folds are more than noise: LEAST_ERRORS standard errors, and LEAST_GAIN."""
    error = gains.std(ddof=1) / np.sqrt(len(gains)) if len(gains) > 1 else 0.0
    return bool(gains.mean() > max(LEAST_ERRORS * error, LEAST_GAIN))


def write_weights(provenance: Provenance, head: tuple[Floats, Floats], out: Path) -> None:
    """Write the table's weights with the head as `fc`, behind a head that they have already."""
    import torch

    from jobs.embed.model import VECTOR, has_head
    from jobs.embed.weights import load_recorded

    matrix, bias = (torch.from_numpy(each).float() for each in head)
    state: dict[str, Any] = torch.load(load_recorded(provenance, None).file, weights_only=True, map_location="cpu")
    if has_head(state):
        bias, matrix = matrix @ state["fc.bias"] + bias, matrix @ state["fc.weight"]
    state["fc.weight"], state["fc.bias"] = torch.zeros(VECTOR, VECTOR), torch.zeros(VECTOR)
    state["fc.weight"][: len(matrix)], state["fc.bias"][: len(bias)] = matrix, bias
    with atomic_file(out) as new:
        torch.save(state, new)
