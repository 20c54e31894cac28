"""The lake's layout, and its Parquet: what the pipeline writes, and what `verify` and `index` read."""

import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice
from typing import IO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from azure.core.exceptions import ResourceNotFoundError
from azure.storage.blob import ContainerClient
from numpy.typing import NDArray

from jobs.errors import ErrorKind, JobError
from jobs.postgres.rows import DIMENSIONS, Rows
from jobs.target import Target

EMBEDDINGS = "embeddings/fer2013/imagenes_fer.parquet"
PICTURES = "imagenes/train/"
INDEX = "index/fer2013/"
GROUP_ROWS = 2048
LONGEST_PATH, LONGEST_EMOTION = 1024, 255  # Azure's longest name of a blob; a name of a folder
SHORTEST = 1e-15  # of a vector: the square of a shorter one is zero in 32 bits
# The bytes of each text column's longest value. 32 are more than PostgreSQL writes for a number of a vector.
LONGEST = {"emotion": 4 * LONGEST_EMOTION, "vector": 32 * DIMENSIONS, "filepath": 8 * LONGEST_PATH}
SCHEMA = [("id", pa.int64()), ("emotion", pa.string()), ("vector", pa.string()), ("filepath", pa.string())]
RUN_PIPELINE = "run `python -m jobs run-pipeline`"


def picture_prefix(target: Target) -> str:
    """What precedes a row's filepath in the Parquet: the container and the folder of the pictures."""
    return f"{target.lake_container}/{PICTURES}"


class InvalidRowError(ValueError):
    """A row of the Parquet that cannot be used. The text names the row and says why."""


@contextmanager
def open_parquet(container: ContainerClient) -> Iterator[pq.ParquetFile]:
    """The Parquet of the embeddings. It is a temporary file without a name, so that a killed process leaves none.

    Raises JobError if the lake has none, or if it is not a complete Parquet file with the columns of SCHEMA.
    """
    path = f"{container.container_name}/{EMBEDDINGS}"
    with tempfile.TemporaryFile() as copy:
        try:
            container.download_blob(EMBEDDINGS).readinto(copy)
            with pq.ParquetFile(copy) as file:
                check_row_groups(file.metadata)
                columns = [(column.name, column.type) for column in file.schema_arrow]
                if sorted(columns, key=str) != sorted(SCHEMA, key=str):
                    raise JobError(
                        f"{path} has other columns than id, emotion, vector, filepath: {RUN_PIPELINE}.",
                        ErrorKind.invalid,
                    )
                check_dictionaries(copy, LONGEST)
                yield file
        except ResourceNotFoundError as error:
            if getattr(error, "error_code", None) == "ContainerNotFound":
                raise
            raise JobError(f"The lake has no {path}: {RUN_PIPELINE}.", ErrorKind.not_found) from error
        except InvalidRowError as error:
            raise JobError(f"{path}: {error}: {RUN_PIPELINE}, which writes it again.", ErrorKind.invalid) from error
        except (pa.ArrowException, ValueError, OSError) as error:
            reason = (str(error).splitlines() or [type(error).__name__])[0]
            raise JobError(
                f"{path} is not a complete Parquet file ({reason}): {RUN_PIPELINE}.", ErrorKind.invalid
            ) from error


def check_row_groups(metadata: pq.FileMetaData) -> None:
    """Raise ValueError if the numbers of rows contradict each other: Arrow reserves memory for what they say.

    Their columns are not looked at: Arrow ends the process for some that are damaged.
    """
    rows = [metadata.row_group(number).num_rows for number in range(metadata.num_row_groups)]
    if sum(rows) != metadata.num_rows or any(number < 0 for number in rows):
        raise ValueError("its row groups have other numbers of rows than it says")


def check_dictionaries(source: IO[bytes], names: Collection[str]) -> None:
    """Raise ValueError if the dictionary of a column with one of these names has a value above LONGEST.

    A file of some kilobytes can have a long value once, and name it in every row: in memory it would be as often.
    """
    with pq.ParquetFile(source, read_dictionary=list(names)) as file:
        for number in range(file.metadata.num_row_groups):
            for batch in islice(file.iter_batches(1, row_groups=[number], columns=names), 1):
                for name, column in zip(batch.schema.names, batch.columns, strict=True):
                    longest = pc.max(pc.binary_length(column.dictionary)).as_py() or 0
                    if longest > LONGEST[name]:
                        raise ValueError(f"a value of {name} has {longest} bytes")


def parquet_etag(container: ContainerClient) -> str:
    """The ETag of the Parquet, which changes with every new one. Raises JobError if the lake has none."""
    try:
        return str(container.get_blob_client(EMBEDDINGS).get_blob_properties().etag)
    except ResourceNotFoundError as error:
        raise JobError(f"The lake has no {EMBEDDINGS}: {RUN_PIPELINE}.", ErrorKind.not_found) from error


def parquet_metadata(file: pq.ParquetFile) -> dict[str, str]:
    """The file's metadata as text: `Provenance.from_metadata` reads what filled it."""
    metadata: dict[bytes, bytes] = file.schema_arrow.metadata or {}
    return {key.decode(): value.decode() for key, value in metadata.items()}


def read_rows(file: pq.ParquetFile, prefix: str = "") -> Iterator[Rows]:
    """The rows in groups, so that memory stays flat. `filepaths` are those of the table, without `prefix`.

    `vectors` is (n, d): d is not checked. Raises ValueError for empty fields, and InvalidRowError, which names the row,
    for a vector without a direction and for a path that is not below `prefix`.
    """
    for batch in file.iter_batches(GROUP_ROWS, columns=[name for name, _ in SCHEMA]):
        if any(column.null_count for column in batch.columns):
            raise ValueError("it has rows with empty fields")
        ids, emotions, texts, paths = batch.columns
        rows = Rows(ids.to_numpy(), paths.to_pylist(), emotions.to_pylist(), parse_vectors(texts))
        check_vectors(rows)
        check_labels(rows, prefix)
        yield replace(rows, filepaths=[path.removeprefix(prefix) for path in rows.filepaths])


def check_vectors(rows: Rows) -> None:
    """Raise InvalidRowError for the first vector that has no cosine: numbers not finite, all zero, or near that."""
    lengths = np.linalg.norm(rows.vectors.astype(np.float64), axis=1)
    wrong = np.flatnonzero(~((lengths > SHORTEST) & (lengths < 1 / SHORTEST)))  # not a number is neither
    if len(wrong):
        row, length = wrong[0], lengths[wrong[0]]
        reason = f"has the length {length:g}" if np.isfinite(length) else "has a number that is not finite"
        raise InvalidRowError(f"the vector of row {rows.ids[row]} ({rows.filepaths[row][:LONGEST_PATH]}) {reason}")


def check_labels(rows: Rows, prefix: str) -> None:
    """Raise InvalidRowError for the first row whose path leads elsewhere, or whose emotion is no label."""
    for id, path, emotion in zip(rows.ids, rows.filepaths, rows.emotions, strict=True):
        problem = path_problem(path.removeprefix(prefix)) if path.startswith(prefix) else f"is not below {prefix}"
        if problem or len(emotion) > LONGEST_EMOTION:
            reason = problem or "has a label that is too long"
            raise InvalidRowError(f"the path of row {id} ({path[:LONGEST_PATH]}) {reason}")


def path_problem(path: str) -> str | None:
    """Why a picture's path below its folder cannot be one, as the rest of a sentence; None where it can."""
    if not path or len(path) > LONGEST_PATH:
        return "is empty or too long"
    if "\0" in path or path.startswith("/") or {"..", "."} & set(path.split("/")):
        return "leads out of its folder"
    return None


def parse_vectors(texts: pa.Array) -> NDArray[np.float32]:
    """Vectors from their text, "[0.1,...]", which PostgreSQL writes without losing a bit: (n, d) float32.

    Raises ValueError if their lengths differ or a number is invalid. Arrow's errors are ValueErrors too.
    """
    numbers = pc.split_pattern(pc.utf8_slice_codeunits(texts, 1, -1), ",")
    if len(pc.unique(pc.list_value_length(numbers))) > 1:
        raise ValueError("its vectors are not all of one length")
    flat: NDArray[np.float32] = numbers.flatten().cast(pa.float32()).to_numpy()
    return flat.reshape(len(texts), -1 if len(texts) else 0)
