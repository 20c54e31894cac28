"""Random vectors, and how to load them into a database."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from jobs.bench import naive
from jobs.bench.step import Step, StepRun
from jobs.bench.workspace import execute_autocommit, temporary_database
from jobs.errors import JobError
from jobs.postgres.connection import fetch_value, open_connection
from jobs.postgres.copy import copy_stream

Vectors: TypeAlias = NDArray[np.float32]
DIMENSIONS, LATENT = 512, 48
COPY = "COPY imagenes_fer (id, filepath, emotion, vector) FROM STDIN BINARY"
FINGERPRINT = "SELECT md5(string_agg(md5(vector_send(vector)), '' ORDER BY filepath)) FROM imagenes_fer"
RECORD = "INSERT INTO embedding (weights, weights_sha256, precision, last_id) VALUES ('bench', 'none', 'fp32', 0)"
ROWS_PER_COPY = 2048


def random_vectors(rows: int) -> Vectors:
    """(rows, 512) vectors, positive and in clusters, as ResNet18's are. HNSW finds real ones harder."""
    random = np.random.default_rng(1)
    centres = random.normal(size=(64, LATENT))
    latent = centres[random.integers(64, size=rows)] + 0.5 * random.normal(size=(rows, LATENT))
    mix = random.normal(size=(LATENT, DIMENSIONS)) / np.sqrt(LATENT)
    vectors: Vectors = np.logaddexp(latent @ mix, 0).astype(np.float32)
    return vectors


@dataclass(frozen=True)
class Baseline:
    """A simple way to load. `goal` is how many times as fast `jobs` aims to be."""

    name: str
    description: str
    insert: Callable[[str, Vectors], None]
    goal: float


BASELINES = (
    Baseline("load", "an INSERT and a commit a row", naive.insert_rows, 85),
    Baseline("load, execute_values", "psycopg2's execute_values, 500 rows a statement", naive.insert_values, 20),
)


def load_step(baseline: Baseline, rows: int, slow_rows: int) -> Step:
    """The baseline gets `slow_rows` only: its time per row is constant."""
    vectors = random_vectors(rows)
    return Step(
        name=baseline.name,
        unit="rows",
        baseline=baseline.description,
        ours="binary COPY, formatting included",
        run_baseline=lambda: run_load(baseline.insert, vectors[:slow_rows], slow_rows),
        run_ours=lambda: run_load(copy_rows, vectors, slow_rows),
        compare=check_same_rows,
        goal=baseline.goal,
    )


def run_load(insert: Callable[[str, Vectors], None], vectors: Vectors, compared: int) -> StepRun:
    """`result` is a hash of the first `compared` rows, which both sides write."""
    with temporary_database() as url:
        started = time.perf_counter()
        insert(url, vectors)
        seconds = time.perf_counter() - started
        with open_connection(url) as db, db.cursor() as cursor:
            cursor.execute("DELETE FROM imagenes_fer WHERE substring(filepath from '\\d+')::int >= %s", (compared,))
            return StepRun(len(vectors), seconds, fetch_value(db, FINGERPRINT))


def copy_rows(url: str, vectors: Vectors) -> None:
    with open_connection(url) as db, db.cursor() as cursor:
        for start in range(0, len(vectors), ROWS_PER_COPY):
            part = enumerate(vectors[start : start + ROWS_PER_COPY], start)
            cursor.copy_expert(COPY, copy_stream((n + 1, f"happy/{n}.png", "happy", vector) for n, vector in part))
        db.commit()


def check_same_rows(baseline: Any, ours: Any) -> str:
    if baseline != ours:
        raise JobError("The baseline and `jobs` wrote different rows: please report that.")
    return "identical bit for bit"


@contextmanager
def filled_database(rows: int, server: str = "laptop") -> Iterator[str]:
    """The URL of a temporary database with random vectors."""
    with temporary_database(server) as url:
        copy_rows(url, random_vectors(rows))
        execute_autocommit(url, RECORD)
        execute_autocommit(url, "VACUUM ANALYZE imagenes_fer")
        yield url
