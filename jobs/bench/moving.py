"""Ways out of a database: into another one, and into a Parquet file."""

import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from jobs import export
from jobs.bench import naive
from jobs.bench.step import Step, StepRun
from jobs.bench.vectors import DIMENSIONS, FINGERPRINT, Vectors, same_rows
from jobs.bench.workspace import temporary_database
from jobs.errors import JobError
from jobs.local.postgres import programs_folder
from jobs.migrate.pg_dump import libpq_environment
from jobs.migrate.run import migrate_table
from jobs.postgres.connection import fetch_value, open_connection


def migration(url: str) -> Step:
    return Step(
        name="migrate",
        unit="rows",
        baseline="pg_dump -Fc, then pg_restore",
        ours="jobs migrate, proof of equality included",
        slow=lambda: dumped(url),
        fast=lambda: migrated(url),
        agree=same_rows,
        goal=17,
    )


def dumped(url: str) -> StepRun:
    with tempfile.TemporaryDirectory() as folder, temporary_database("cloud") as destination:
        archive = str(Path(folder) / "table.dump")
        table = ["--format=custom", "--data-only", "--table=imagenes_fer"]
        started = time.perf_counter()
        program("pg_dump", [*table, f"--file={archive}"], url)
        program("pg_restore", ["--data-only", "--dbname=", archive], destination)
        return compared(destination, time.perf_counter() - started)


def migrated(url: str) -> StepRun:
    with temporary_database("cloud") as destination:
        started = time.perf_counter()
        migrate_table(url, destination)
        return compared(destination, time.perf_counter() - started)


def compared(url: str, seconds: float) -> StepRun:
    with open_connection(url) as db:
        return StepRun(fetch_value(db, "SELECT count(*) FROM imagenes_fer"), seconds, fetch_value(db, FINGERPRINT))


def program(name: str, arguments: list[str], url: str) -> None:
    """One of PostgreSQL's programs; the password stands in the environment."""
    subprocess.run([str(programs_folder() / name), *arguments], env=libpq_environment(url), check=True)


def exporting(url: str) -> Step:
    return Step(
        name="export",
        unit="rows",
        baseline="SELECT as text, taken apart in Python",
        ours="jobs export to Parquet, zstd and byte_stream_split",
        slow=lambda: selected(url),
        fast=lambda: exported(url),
        agree=same_vectors,
        goal=15,
    )


def selected(url: str) -> StepRun:
    started = time.perf_counter()
    vectors = naive.select_text(url)
    return StepRun(len(vectors), time.perf_counter() - started, vectors)


def exported(url: str) -> StepRun:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "vectors.parquet"
        started = time.perf_counter()
        rows = export.export_table(url, file).rows
        seconds = time.perf_counter() - started
        column = pq.read_table(file).sort_by("id")["vector"].combine_chunks()
        return StepRun(rows, seconds, column.flatten().to_numpy().reshape(-1, DIMENSIONS))


def same_vectors(theirs: Vectors, ours: Vectors) -> str:
    if not np.array_equal(theirs, ours):
        raise JobError("`jobs export` and a plain SELECT gave different vectors: please report that.")
    return "identical bit for bit"
