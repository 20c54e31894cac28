"""What goes to Ray's workers and comes back, as Arrow tables: pictures there, vectors back. Pure.

Paths are bytes as the file system has them: a folder's name need not be text.
"""

import os
from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from jobs.pictures.read import Content, UnreadableError
from jobs.pictures.scan import Picture
from jobs.postgres.copy import Vector

DIMENSIONS = 512
RESULT = pa.schema([("problem", pa.string()), ("vector", pa.list_(pa.float32(), DIMENSIONS))])


def pictures_to_table(pictures: list[Content]) -> pa.Table:
    """A row for each picture."""
    return pa.table(
        {
            "filepath": [each.picture.filepath for each in pictures],
            "place": [os.fsencode(each.picture.location) for each in pictures],
            "sha256": [each.sha256 for each in pictures],
            "md5": [each.md5 for each in pictures],
        }
    )


def table_to_pictures(table: pa.Table) -> list[Content]:
    """The same back."""
    rows = table.to_pylist()
    return [Content(Picture(row["filepath"], os.fsdecode(row["place"])), row["sha256"], row["md5"]) for row in rows]


def results_to_table(problems: list[str | None], vectors: Vector) -> pa.Table:
    """A row for each picture: why it has no vector, or its row of (n, 512) float32."""
    column = pa.FixedSizeListArray.from_arrays(pa.array(vectors.reshape(-1)), DIMENSIONS)
    return pa.Table.from_arrays([pa.array(problems, pa.string()), column], schema=RESULT)


def table_to_results(table: pa.Table) -> Iterator[Vector | UnreadableError]:
    """The same back, one by one."""
    column = table["vector"].combine_chunks()
    vectors = column.flatten().to_numpy().reshape(len(table), DIMENSIONS).astype(np.float32, copy=False)
    for problem, vector in zip(table["problem"].to_pylist(), vectors, strict=True):
        yield vector if problem is None else UnreadableError(problem)
