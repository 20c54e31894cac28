"""What is sent to Ray's workers and back, as Arrow tables: pictures to them, vectors from them. Pure.

Paths are bytes as in the file system, because a folder's name need not be valid text.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from jobs.pictures.read import Content
from jobs.pictures.scan import Picture
from jobs.postgres.copy import Vector

DIMENSIONS = 512
RESULT = pa.schema([("error", pa.string()), ("fatal", pa.bool_()), ("vector", pa.list_(pa.float32(), DIMENSIONS))])


@dataclass(frozen=True)
class WorkerResult:
    """A picture's vector, or the error why it has none. A `fatal` error ends the run: nothing may be written."""

    vector: Vector
    error: str | None = None
    fatal: bool = False


def pictures_to_table(pictures: list[Content]) -> pa.Table:
    """One row per picture."""
    return pa.table(
        {
            "filepath": [content.picture.filepath for content in pictures],
            "location": [os.fsencode(content.picture.location) for content in pictures],
            "sha256": [content.sha256 for content in pictures],
            "md5": [content.md5 for content in pictures],
        }
    )


def table_to_pictures(table: pa.Table) -> list[Content]:
    """The reverse of `pictures_to_table`."""
    rows = table.to_pylist()
    return [Content(Picture(row["filepath"], os.fsdecode(row["location"])), row["sha256"], row["md5"]) for row in rows]


def results_to_table(errors: list[str | None], vectors: Vector, fatal: bool = False) -> pa.Table:
    """One row per picture: its error if it has one, and its row of (n, 512) float32."""
    column = pa.FixedSizeListArray.from_arrays(pa.array(vectors.reshape(-1)), DIMENSIONS)
    return pa.Table.from_arrays([pa.array(errors, pa.string()), pa.array([fatal] * len(errors)), column], schema=RESULT)


def table_to_results(table: pa.Table) -> Iterator[WorkerResult]:
    """The reverse of `results_to_table`, one by one."""
    column = table["vector"].combine_chunks()
    vectors = column.flatten().to_numpy().reshape(len(table), DIMENSIONS).astype(np.float32, copy=False)
    errors, fatal = table["error"].to_pylist(), table["fatal"].to_pylist()
    yield from map(WorkerResult, vectors, errors, fatal)
