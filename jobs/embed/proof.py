"""Prove by work what filled a table: compute the vectors of some rows again from their pictures, and compare.

torch takes seconds to import: it is imported only once pictures are found.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from psycopg2.extensions import connection

from jobs.embed.picture_files import PictureFiles
from jobs.embed.prepare import prepare_picture
from jobs.embed.weights import load_recorded
from jobs.pictures.read import UnreadableError
from jobs.postgres.copy import Vector
from jobs.provenance import Provenance

SAMPLE = 5
# The smallest agreement of a vector with the same picture's, computed again on this machine. Measured on 60 drawn faces
# with random weights: fp32 1.000000, bf16 against fp32 0.99990, int8 against fp32 (which is what is
# computed again for it) 0.9962. The vectors of two different faces agree to 0.957 (median), the most alike to 0.984.
BOUNDS = {"fp32": 0.9999, "bf16": 0.999, "int8": 0.99}
CANDIDATES = """
SELECT i.id, i.filepath, e.folder, e.sha256
FROM imagenes_fer i LEFT JOIN embedded_picture e ON e.image_id = i.id ORDER BY random()
"""
UNRECORDED = """
SELECT i.id, i.filepath, (SELECT max(folder) FROM embedded_picture), NULL FROM imagenes_fer i
WHERE NOT EXISTS (SELECT FROM embedded_picture e WHERE e.image_id = i.id) ORDER BY random()
"""


@dataclass(frozen=True)
class SampledRow:
    """A row with the prepared picture of its path, (224, 224) uint8."""

    id: int
    filepath: str
    picture: NDArray[np.uint8]


@dataclass(frozen=True)
class Comparison:
    """How far a row's vector agrees with the one computed again: 1 for the same vector; `bound` is the smallest that
    is accepted."""

    id: int
    filepath: str
    agreement: float
    bound: float

    @property
    def proved(self) -> bool:
        return self.agreement >= self.bound

    def __str__(self) -> str:
        return f"row {self.id} ({self.filepath}) agrees to {self.agreement:.4f}, and {self.bound} is the least"


def sample_rows(
    db: connection, files: PictureFiles, count: int = SAMPLE, *, by_hash: bool, query: str = CANDIDATES
) -> list[SampledRow]:
    """Up to `count` random rows whose picture is found. `by_hash`: only where its file is the one that was embedded."""
    sampled: list[SampledRow] = []
    with db.cursor(name="proof") as cursor:
        cursor.execute(query)
        for tried, (id, filepath, folder, sha256) in enumerate(cursor):
            if len(sampled) == count or tried == files.tries:
                break
            data = files.read(filepath, folder)
            if data is None or (by_hash and sha256 and hashlib.sha256(data).digest() != bytes(sha256)):
                continue
            try:
                sampled.append(SampledRow(id, filepath, prepare_picture(data)))
            except UnreadableError:
                continue  # `embed` reports it
    return sampled


def compare_rows(
    db: connection, sampled: Sequence[SampledRow], filled_by: Provenance, weights: str | None = None
) -> list[Comparison]:
    """Compute the vectors again, and compare. `weights` is a file, for weights that have moved.

    Raises JobError if the weights are not on this machine.
    """
    if not sampled:
        return []
    from jobs.embed.model import build_embedder

    embed = build_embedder(load_recorded(filled_by, weights).file, filled_by.precision)
    computed = embed(np.stack([row.picture for row in sampled]))
    stored = read_vectors(db, [row.id for row in sampled])
    bound = BOUNDS.get(filled_by.precision, BOUNDS["fp32"])
    return [
        Comparison(row.id, row.filepath, agreement(stored[row.id], vector), bound)
        for row, vector in zip(sampled, computed, strict=True)
    ]


def read_vectors(db: connection, ids: list[int]) -> dict[int, Vector]:
    """The vectors of rows by id, (512,) float32 each."""
    with db.cursor() as cursor:
        cursor.execute("SELECT id, vector::real[] FROM imagenes_fer WHERE id = ANY(%s)", (ids,))
        return {id: np.array(vector, np.float32) for id, vector in cursor}


def agreement(first: Vector, second: Vector) -> float:
    """The cosine of two vectors (d,), less where their lengths differ: 1 - |first - second|^2 / (2 |first| |second|).

    -1 if one of them has another dimension, is zero, or is not a number.
    """
    if first.shape != second.shape:
        return -1.0
    a, b = first.astype(np.float64), second.astype(np.float64)
    product = float(np.linalg.norm(a) * np.linalg.norm(b))
    if not np.isfinite(product) or product == 0:
        return -1.0
    return 1 - float(np.sum((a - b) ** 2)) / (2 * product)
