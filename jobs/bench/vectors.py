"""Made-up vectors, and the ways to load them."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from jobs.bench import naive
from jobs.bench.step import Step, StepRun
from jobs.bench.workspace import execute, temporary_database
from jobs.errors import JobError
from jobs.postgres.connection import fetch_value, open_connection
from jobs.postgres.copy import copy_stream

Vectors: TypeAlias = NDArray[np.float32]
DIMENSIONS, LATENT = 512, 48
COPY = "COPY imagenes_fer (id, filepath, emotion, vector) FROM STDIN BINARY"
FINGERPRINT = "SELECT md5(string_agg(md5(vector_send(vector)), '' ORDER BY filepath)) FROM imagenes_fer"
ROWS_A_COPY = 2048


def make_vectors(rows: int) -> Vectors:
    """(rows, 512) vectors in clusters, all positive, as ResNet18's are. Easy for HNSW: real ones are harder."""
    random = np.random.default_rng(1)
    centres = random.normal(size=(64, LATENT))
    latent = centres[random.integers(64, size=rows)] + 0.5 * random.normal(size=(rows, LATENT))
    mix = random.normal(size=(LATENT, DIMENSIONS)) / np.sqrt(LATENT)
    vectors: Vectors = np.logaddexp(latent @ mix, 0).astype(np.float32)
    return vectors


@dataclass(frozen=True)
class Plain:
    """A plain way to load, and how many times as fast the project aims to be."""

    name: str
    what: str
    insert: Callable[[str, Vectors], None]
    goal: float


PLAIN = (
    Plain("load", "an INSERT and a commit a row", naive.insert_rows, 85),
    Plain("load, execute_values", "psycopg2's execute_values, 500 rows a statement", naive.insert_values, 20),
)


def load(plain: Plain, rows: int, slow_rows: int) -> Step:
    """The plain way gets fewer rows: each takes it as long as the one before."""
    vectors = make_vectors(rows)
    return Step(
        name=plain.name,
        unit="rows",
        baseline=plain.what,
        ours="binary COPY, formatting included",
        slow=lambda: loaded(plain.insert, vectors[:slow_rows], slow_rows),
        fast=lambda: loaded(copy_rows, vectors, slow_rows),
        agree=same_rows,
        goal=plain.goal,
    )


def loaded(way: Callable[[str, Vectors], None], vectors: Vectors, compared: int) -> StepRun:
    """`result` is a hash over the rows that both ways write."""
    with temporary_database() as url:
        started = time.perf_counter()
        way(url, vectors)
        seconds = time.perf_counter() - started
        with open_connection(url) as db, db.cursor() as cursor:
            cursor.execute("DELETE FROM imagenes_fer WHERE substring(filepath from '\\d+')::int >= %s", (compared,))
            return StepRun(len(vectors), seconds, fetch_value(db, FINGERPRINT))


def copy_rows(url: str, vectors: Vectors) -> None:
    with open_connection(url) as db, db.cursor() as cursor:
        for start in range(0, len(vectors), ROWS_A_COPY):
            part = enumerate(vectors[start : start + ROWS_A_COPY], start)
            cursor.copy_expert(COPY, copy_stream((n + 1, f"happy/{n}.png", "happy", vector) for n, vector in part))
        db.commit()


def same_rows(theirs: Any, ours: Any) -> str:
    if theirs != ours:
        raise JobError("Both ways to load wrote different rows: please report that.")
    return "identical bit for bit"


@contextmanager
def filled_database(rows: int, server: str = "laptop") -> Iterator[str]:
    with temporary_database(server) as url:
        copy_rows(url, make_vectors(rows))
        execute(url, "VACUUM ANALYZE imagenes_fer")
        yield url
