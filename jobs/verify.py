"""verify: hold the laptop's table, the target's, the Parquet and the pictures in Blob and lake against each other.

It changes nothing and downloads no picture: listings tell size and MD5.
"""

import hashlib
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from azure.storage.blob import ContainerClient

from jobs import blobs, lake, terminal
from jobs.binary_copy import vector_bytes
from jobs.failure import Failure
from jobs.postgres import connected, target_url
from jobs.target import Target
from jobs.upload import PREFIX

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


@dataclass(kw_only=True)
class Result:
    """`ok` when `problems` is empty. `images` are rows whose picture is in the lake, `missing_images` those without;
    `extra_images` are pictures in the lake without a row, which is no fault."""

    ok: bool = False
    rows_source: int = 0
    rows_database: int = 0
    rows_parquet: int = 0
    images: int = 0
    missing_images: int = 0
    extra_images: int = 0
    vectors_identical: bool = False
    problems: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def summary(self) -> str:
        rows = f"{self.rows_source} rows on the laptop, {self.rows_database} in the target database"
        lake = f"{self.rows_parquet} in the Parquet; {self.images} pictures in the lake, {self.missing_images} missing"
        same = "every vector is identical" if self.vectors_identical else "vectors differ"
        verdict = "All places agree" if self.ok else "The places do not agree"
        return "\n".join([f"{verdict}: {rows}, {lake}; {same}", *(f"  {problem}" for problem in self.problems)])


def run(target: Target, source: str) -> Result:
    """Compare the database at `source` (a libpq URL) with everything on the target."""
    started = time.perf_counter()
    result = Result()
    laptop, database = read_table("laptop database", source), read_table("target database", target_url(target))
    parquet = Table(place="Parquet")
    result.problems += differences(laptop, database)
    try:
        read_parquet(target, parquet)
        result.problems += differences(laptop, parquet)
    except Failure as error:
        parquet.rows.clear()
        result.problems.append(f"Parquet: {error}")
    result.rows_source, result.rows_database, result.rows_parquet = map(len, (laptop.rows, database.rows, parquet.rows))
    vectors = [{id: row.vector for id, row in table.rows.items()} for table in (laptop, database, parquet)]
    result.vectors_identical = vectors[0] == vectors[1] == vectors[2]
    compare_pictures(target, laptop, result)
    result.ok = not result.problems
    result.seconds = round(time.perf_counter() - started, 3)
    return result


def read_table(place: str, url: str) -> Table:
    table = Table(place=place)
    with connected(url) as db:
        with db.cursor() as cursor:
            cursor.execute("SELECT to_regclass('imagenes_fer') IS NOT NULL AND to_regclass('embedding') IS NOT NULL")
            if cursor.fetchone() != (True,):
                raise Failure(f"The {place} has no table yet: run `python -m jobs embed DIR`, then `migrate`.")
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
    prefix, container = lake.prefix(target), blobs.lake(target)
    with blobs.reached(container), lake.parquet(container) as file:
        table.weights = lake.made_with(file)
        total = file.metadata.num_rows
        with terminal.progress("verify", total) as advance:
            for batch in lake.batches(file):
                table.rows.update(parquet_rows(batch.columns, prefix))
                advance(batch.num_rows)
    if len(table.rows) != total:
        raise Failure(f"its {total} rows have only {len(table.rows)} different ids: run `python -m jobs run-pipeline`.")


def parquet_rows(columns: list[Any], prefix: str) -> Iterator[tuple[int, Row]]:
    ids, emotions, texts, paths = columns
    vectors = [hashlib.md5(vector_bytes(vector), usedforsecurity=False).hexdigest() for vector in lake.numbers(texts)]
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


def compare_pictures(target: Target, laptop: Table, result: Result) -> None:
    """Each row's picture must lie in Blob and in the lake, with the bytes that were embedded."""
    uploaded = files(blobs.pictures(target), PREFIX)
    stored = files(blobs.lake(target), lake.PICTURES)
    rows = {row.filepath for row in laptop.rows.values()}
    result.images = len(rows & stored.keys())
    result.missing_images = len(rows - stored.keys())
    result.extra_images = len(stored.keys() - rows)
    for place, found in (("Blob", uploaded), ("lake", stored)):
        faults = [f"the picture {path} is missing" for path in sorted(rows - found.keys())]
        there = sorted(rows & found.keys())
        other = [path for path in there if differs(found[path], laptop.pictures.get(path), uploaded.get(path))]
        faults += [f"the picture {path} is not the one that was embedded" for path in other]
        result.problems += told(place, faults)


def files(container: ContainerClient, prefix: str) -> dict[str, blobs.Blob]:
    """What a container lists below a prefix, by the path below it."""
    with blobs.reached(container):
        return {blob.name.removeprefix(prefix): blob for blob in blobs.listing(container, prefix)}


def differs(blob: blobs.Blob, md5: str | None, uploaded: blobs.Blob | None) -> bool:
    """Whether a listed file is surely not the one of this MD5, or not of the size that was uploaded."""
    if uploaded is not None and uploaded.size != blob.size:
        return True
    return md5 is not None and blob.md5 is not None and blob.md5.hex() != md5
