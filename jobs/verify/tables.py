"""The rows of the databases and of the Parquet, and how they differ."""

import hashlib
from dataclasses import dataclass, field

from psycopg2.extensions import connection

from jobs import terminal
from jobs.errors import ErrorKind, JobError
from jobs.postgres.connection import Database, fetch_value, open_connection
from jobs.postgres.copy import encode_vector
from jobs.provenance import Provenance, read_provenance
from jobs.storage import lake
from jobs.storage.client import lake_container, translate_storage_errors
from jobs.target import Target

LAPTOP = "laptop database"
ADOPT = "run `python -m jobs adopt DIR` with the folder of its pictures, or `python -m jobs embed DIR --replace`"
MAX_PROBLEMS = 10  # shown one by one for each table or container
ROWS = """
SELECT i.id, i.filepath, i.emotion, md5(vector_send(i.vector)), encode(e.md5, 'hex')
FROM imagenes_fer i LEFT JOIN embedded_picture e ON e.image_id = i.id
"""


@dataclass(frozen=True)
class Row:
    """A row. `vector` is the MD5 of the vector's bytes."""

    filepath: str
    emotion: str
    vector: str


@dataclass(kw_only=True)
class Table:
    """The rows of a database or of the Parquet by id, what filled them, and on the laptop the MD5 of each picture."""

    name: str
    rows: dict[int, Row] = field(default_factory=dict)
    pictures: dict[str, str] = field(default_factory=dict)
    provenance: Provenance | None = None


def read_table(name: str, database: Database) -> Table:
    """Read a database's table. Raises JobError if it has none."""
    table = Table(name=name)
    with open_connection(database) as db:
        require_tables(name, db)
        table.provenance = read_provenance(db)
        with db.cursor(name="verify") as cursor:
            cursor.execute(ROWS)
            for id, filepath, emotion, vector, md5 in cursor:
                table.rows[id] = Row(filepath, emotion, vector)
                if md5:
                    table.pictures[filepath] = md5
    return table


def require_tables(name: str, db: connection) -> None:
    """Raises JobError if a database has no table, or rows that nobody has recorded anything about."""
    if fetch_value(db, "SELECT to_regclass('imagenes_fer') IS NULL"):
        raise JobError(
            f"The {name} has no table yet: run `python -m jobs embed DIR`, then `python -m jobs migrate`.",
            ErrorKind.not_found,
        )
    if fetch_value(db, "SELECT to_regclass('embedding') IS NULL OR to_regclass('embedded_picture') IS NULL"):
        rows = fetch_value(db, "SELECT count(*) FROM imagenes_fer")
        way = ADOPT if name == LAPTOP else "run `python -m jobs migrate`"
        raise JobError(f"The {name} has {rows} rows, and no record of what filled them: {way}.", ErrorKind.conflict)


def read_parquet(target: Target, table: Table) -> None:
    """Fill the table with the Parquet's rows, `filepath` as in the database.

    Raises JobError if the Parquet cannot be read completely.
    """
    prefix, container = lake.picture_prefix(target), lake_container(target)
    with translate_storage_errors(container), lake.open_parquet(container) as file:
        table.provenance = Provenance.from_metadata(lake.parquet_metadata(file))
        total = file.metadata.num_rows
        with terminal.progress("verify", total) as advance:
            for rows in lake.read_rows(file):
                hashes = [
                    hashlib.md5(encode_vector(vector), usedforsecurity=False).hexdigest() for vector in rows.vectors
                ]
                paths = [table_path(path, prefix) for path in rows.filepaths]
                table.rows.update(zip(rows.ids.tolist(), map(Row, paths, rows.emotions, hashes), strict=True))
                advance(len(rows.ids))
    if len(table.rows) != total:
        raise JobError(
            f"its {total} rows have only {len(table.rows)} different ids: {lake.RUN_PIPELINE}.", ErrorKind.invalid
        )


def table_path(path: str, prefix: str) -> str:
    """A path of the Parquet as it is in the table. One that is not below `prefix` says so, and equals none there."""
    return path.removeprefix(prefix) if path.startswith(prefix) else f"(not below {prefix}) {path}"


def compare_tables(laptop: Table, other: Table) -> list[str]:
    """How `other` differs from the laptop's table, a sentence for each difference."""
    both = laptop.rows.keys() & other.rows.keys()
    changed = [id for id in sorted(both) if laptop.rows[id] != other.rows[id]]
    vectors = [id for id in changed if laptop.rows[id].vector != other.rows[id].vector]
    labels = [id for id in changed if label(laptop, id) != label(other, id)]
    problems = [f"row {label(laptop, id)} is missing" for id in sorted(laptop.rows.keys() - both)]
    problems += [f"row {label(other, id)} is not on the laptop" for id in sorted(other.rows.keys() - both)]
    problems += [f"the vector of row {label(laptop, id)} is different" for id in vectors]
    problems += [f"row {label(laptop, id)} is called {label(other, id)}" for id in labels]
    if laptop.provenance != other.provenance and other.rows:
        filled, expected = describe_provenance(other.provenance), describe_provenance(laptop.provenance)
        problems.insert(0, f"filled with {filled}, the laptop with {expected}")
    return first_problems(other.name, problems)


def describe_provenance(provenance: Provenance | None) -> str:
    """Such as "the weights imagenet (SHA-256 5c10..., fp32)"."""
    if provenance is None:
        return "unknown weights"
    network = f", quantized network {provenance.network_sha256}" if provenance.network_sha256 else ""
    return f"the weights {provenance.weights} (SHA-256 {provenance.sha256}, {provenance.precision}{network})"


def label(table: Table, id: int) -> str:
    """A row's id, path and emotion, for a message."""
    row = table.rows[id]
    return f"{id} ({row.filepath}, {row.emotion})"


def first_problems(name: str, problems: list[str]) -> list[str]:
    """The first MAX_PROBLEMS problems of a table or container, and how many more there are."""
    rest = len(problems) - MAX_PROBLEMS
    shown = [f"{name}: {problem}" for problem in problems[:MAX_PROBLEMS]]
    return [*shown, f"{name}: and {rest} more"] if rest > 0 else shown
