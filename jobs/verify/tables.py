"""The rows of one place, and where another place has them otherwise."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from jobs import terminal
from jobs.errors import JobError
from jobs.postgres.connection import Database, open_connection
from jobs.postgres.copy import encode_vector
from jobs.storage import lake
from jobs.storage.client import lake_container, translate_storage_errors
from jobs.target import Target

SHOWN = 10  # problems of one place that are told one by one
ROWS = """
SELECT i.id, i.filepath, i.emotion, md5(vector_send(i.vector)), encode(e.md5, 'hex')
FROM imagenes_fer i LEFT JOIN embedded_picture e ON e.image_id = i.id
"""
WEIGHTS = "SELECT weights, weights_sha256, precision FROM embedding"


@dataclass(frozen=True)
class Row:
    """A row with its vector as the MD5 of its bytes."""

    filepath: str
    emotion: str
    vector: str


@dataclass(kw_only=True)
class Table:
    """The rows of one place by id, what filled it, and (on the laptop) the MD5 of the pictures embedded."""

    place: str
    rows: dict[int, Row] = field(default_factory=dict)
    pictures: dict[str, str] = field(default_factory=dict)
    weights: tuple[str, ...] | None = None


def read_table(place: str, database: Database) -> Table:
    table = Table(place=place)
    with open_connection(database) as db:
        with db.cursor() as cursor:
            cursor.execute("SELECT to_regclass('imagenes_fer') IS NOT NULL AND to_regclass('embedding') IS NOT NULL")
            if cursor.fetchone() != (True,):
                raise JobError(f"The {place} has no table yet: run `python -m jobs embed DIR`, then `migrate`.")
            cursor.execute(WEIGHTS)
            table.weights = cursor.fetchone()
        with db.cursor(name="verify") as cursor:
            cursor.execute(ROWS)
            for id, filepath, emotion, vector, md5 in cursor:
                table.rows[id] = Row(filepath, emotion, vector)
                if md5:
                    table.pictures[filepath] = md5
    return table


def read_parquet(target: Target, table: Table) -> None:
    """Fill the table with the Parquet's rows, their paths without the way into the lake.

    Raises Failure when it cannot be read to its end.
    """
    prefix, container = lake.picture_prefix(target), lake_container(target)
    with translate_storage_errors(container), lake.open_parquet(container) as file:
        table.weights = lake.read_provenance(file)
        total = file.metadata.num_rows
        with terminal.progress("verify", total) as advance:
            for batch in lake.read_batches(file):
                table.rows.update(parquet_rows(batch.columns, prefix))
                advance(batch.num_rows)
    if len(table.rows) != total:
        raise JobError(
            f"its {total} rows have only {len(table.rows)} different ids: run `python -m jobs run-pipeline`."
        )


def parquet_rows(columns: list[Any], prefix: str) -> Iterator[tuple[int, Row]]:
    ids, emotions, texts, paths = columns
    vectors = [
        hashlib.md5(encode_vector(vector), usedforsecurity=False).hexdigest() for vector in lake.parse_vectors(texts)
    ]
    for id, emotion, vector, path in zip(
        ids.to_pylist(), emotions.to_pylist(), vectors, paths.to_pylist(), strict=True
    ):
        below = path.removeprefix(prefix) if path.startswith(prefix) else f"(not below {prefix}) {path}"
        yield id, Row(below, emotion, vector)


def differences(laptop: Table, other: Table) -> list[str]:
    """What `other` has not as the laptop has it, a line each."""
    both = laptop.rows.keys() & other.rows.keys()
    changed = [id for id in sorted(both) if laptop.rows[id] != other.rows[id]]
    vectors = [id for id in changed if laptop.rows[id].vector != other.rows[id].vector]
    labels = [id for id in changed if label(laptop, id) != label(other, id)]
    found = [f"row {label(laptop, id)} is missing" for id in sorted(laptop.rows.keys() - both)]
    found += [f"row {label(other, id)} is not on the laptop" for id in sorted(other.rows.keys() - both)]
    found += [f"the vector of row {label(laptop, id)} is another" for id in vectors]
    found += [f"row {label(laptop, id)} is called {label(other, id)}" for id in labels]
    if laptop.weights != other.weights and other.rows:
        found.insert(0, f"filled with weights {other.weights}, the laptop with {laptop.weights}")
    return told(other.place, found)


def label(table: Table, id: int) -> str:
    row = table.rows[id]
    return f"{id} ({row.filepath}, {row.emotion})"


def told(place: str, faults: list[str]) -> list[str]:
    """The first faults of a place, and how many more there are."""
    rest = len(faults) - SHOWN
    shown = [f"{place}: {fault}" for fault in faults[:SHOWN]]
    return [*shown, f"{place}: and {rest} more"] if rest > 0 else shown
