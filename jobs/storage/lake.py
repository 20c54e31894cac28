"""The lake's layout, and its Parquet: what the pipeline writes and what `verify` and `index` read."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from azure.core.exceptions import ResourceNotFoundError
from azure.storage.blob import ContainerClient
from numpy.typing import NDArray

from jobs.errors import JobError
from jobs.target import Target

EMBEDDINGS = "embeddings/fer2013/imagenes_fer.parquet"
PICTURES = "imagenes/train/"
INDEX = "index/fer2013/"
BATCH_ROWS = 2048
SCHEMA = [("id", pa.int64()), ("emotion", pa.string()), ("vector", pa.string()), ("filepath", pa.string())]


def picture_prefix(target: Target) -> str:
    """What stands before a row's filepath in the Parquet: the way to its picture in the lake."""
    return f"{target.lake_container}/{PICTURES}"


@contextmanager
def open_parquet(container: ContainerClient) -> Iterator[pq.ParquetFile]:
    """The Parquet of the embeddings, from a temporary copy that has no name: it goes with a killed process too.

    Raises Failure when there is none, or when it is no whole Parquet file of the agreed columns.
    """
    place = f"{container.container_name}/{EMBEDDINGS}"
    with tempfile.TemporaryFile() as copy:
        try:
            container.download_blob(EMBEDDINGS).readinto(copy)
            with pq.ParquetFile(copy) as file:
                found = [(column.name, column.type) for column in file.schema_arrow]
                if sorted(found, key=str) != sorted(SCHEMA, key=str):
                    raise JobError(f"{place} has other columns than id, emotion, vector, filepath: run the pipeline.")
                yield file
        except ResourceNotFoundError as error:
            if getattr(error, "error_code", None) == "ContainerNotFound":
                raise
            raise JobError(f"The lake has no {place}: run `python -m jobs run-pipeline`.") from error
        except (pa.ArrowException, ValueError, OSError) as error:
            said = str(error).splitlines()[0]
            raise JobError(f"{place} is no whole Parquet file ({said}): run `python -m jobs run-pipeline`.") from error


def read_provenance(file: pq.ParquetFile) -> tuple[str, str, str] | None:
    """Weights, their SHA-256 and the precision that made the vectors; None where the Parquet does not say."""
    found = {key.decode(): value.decode() for key, value in (file.schema_arrow.metadata or {}).items()}
    if "weights_sha256" not in found:
        return None
    return found["weights"], found["weights_sha256"], found["precision"]


def read_batches(file: pq.ParquetFile) -> Iterator[pa.RecordBatch]:
    """The rows in the agreed order of columns, some at a time: memory stays flat.

    Raises ValueError for empty fields.
    """
    for batch in file.iter_batches(BATCH_ROWS, columns=[name for name, _ in SCHEMA]):
        if any(column.null_count for column in batch.columns):
            raise ValueError("it has rows with empty fields")
        yield batch


def parse_vectors(texts: pa.Array) -> NDArray[np.float32]:
    """Vectors from their text, "[0.1,...]", which PostgreSQL writes so that no bit is lost: (n, d) float32.

    Raises ValueError, as Arrow's errors are, where they are not all of one length.
    """
    numbers = pc.split_pattern(pc.utf8_slice_codeunits(texts, 1, -1), ",")
    if len(pc.unique(pc.list_value_length(numbers))) > 1:
        raise ValueError("its vectors are not all of one length")
    flat: NDArray[np.float32] = numbers.flatten().cast(pa.float32()).to_numpy()
    return flat.reshape(len(texts), -1 if len(texts) else 0)
