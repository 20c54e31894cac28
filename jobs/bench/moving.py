"""migrate and export: from a database to another one, and to a Parquet file."""

import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from jobs import export
from jobs.bench import naive
from jobs.bench.step import Step, StepRun
from jobs.bench.vectors import DIMENSIONS, FINGERPRINT, Vectors, check_same_rows
from jobs.bench.workspace import temporary_database
from jobs.errors import JobError
from jobs.local.postgres_programs import programs_folder
from jobs.migrate.pg_dump import libpq_environment
from jobs.migrate.run import migrate_table
from jobs.postgres.connection import fetch_value, open_connection


def migrate_step(url: str) -> Step:
    return Step(
        name="migrate",
        unit="rows",
        baseline="pg_dump -Fc, then pg_restore",
        ours="jobs migrate, proof of equality included",
        run_baseline=lambda: run_pg_dump(url),
        run_ours=lambda: run_migrate(url),
        compare=check_same_rows,
        goal=17,
    )


def run_pg_dump(url: str) -> StepRun:
    with tempfile.TemporaryDirectory() as folder, temporary_database("cloud") as destination:
        archive = str(Path(folder) / "table.dump")
        table = ["--format=custom", "--data-only", "--table=imagenes_fer"]
        started = time.perf_counter()
        run_program("pg_dump", [*table, f"--file={archive}"], url)
        run_program("pg_restore", ["--data-only", "--dbname=", archive], destination)
        return read_fingerprint(destination, time.perf_counter() - started)


def run_migrate(url: str) -> StepRun:
    with temporary_database("cloud") as destination:
        started = time.perf_counter()
        migrate_table(url, destination)
        return read_fingerprint(destination, time.perf_counter() - started)


def read_fingerprint(url: str, seconds: float) -> StepRun:
    """Count the rows of a copy that took `seconds`, and read the hash of its vectors."""
    with open_connection(url) as db:
        return StepRun(fetch_value(db, "SELECT count(*) FROM imagenes_fer"), seconds, fetch_value(db, FINGERPRINT))


def run_program(name: str, arguments: list[str], url: str) -> None:
    """Run one of PostgreSQL's programs. It gets the password through its environment."""
    subprocess.run([str(programs_folder() / name), *arguments], env=libpq_environment(url), check=True)


def export_step(url: str) -> Step:
    return Step(
        name="export",
        unit="rows",
        baseline="SELECT as text, parsed in Python",
        ours="jobs export to Parquet, zstd and byte_stream_split",
        run_baseline=lambda: run_select(url),
        run_ours=lambda: run_export(url),
        compare=check_same_vectors,
        goal=15,
    )


def run_select(url: str) -> StepRun:
    started = time.perf_counter()
    vectors = naive.select_as_text(url)
    return StepRun(len(vectors), time.perf_counter() - started, vectors)


def run_export(url: str) -> StepRun:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "vectors.parquet"
        started = time.perf_counter()
        rows = export.export_table(url, file).rows
        seconds = time.perf_counter() - started
        column = pq.read_table(file).sort_by("id")["vector"].combine_chunks()
        return StepRun(rows, seconds, column.flatten().to_numpy().reshape(-1, DIMENSIONS))


def check_same_vectors(baseline: Vectors, ours: Vectors) -> str:
    if not np.array_equal(baseline, ours):
        raise JobError("`jobs export` and a plain SELECT returned different vectors: please report that.")
    return "identical bit for bit"
