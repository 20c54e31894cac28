"""embed against the original's script: same pictures, same weights, same server."""

import gc
import importlib.util
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from jobs.bench import naive, roof
from jobs.bench.step import Step, StepRun
from jobs.bench.workspace import Workspace, temporary_database
from jobs.embed import device
from jobs.embed.options import EmbedOptions
from jobs.embed.run import embed_pictures
from jobs.errors import JobError
from jobs.postgres.connection import open_connection

Vectors = dict[str, NDArray[np.float32]]
LEAST_COSINE = {"fp32": 0.999999, "bf16": 0.9997, "int8": 0.98}
GOALS = {"fp32": 2.2, "bf16": 4.3, "int8": 8.0}
NEIGHBOURS = 10


def others() -> list[str]:
    """What else than fp32 this machine can do."""
    found = []
    if device.has_bf16_instructions():
        found.append("bf16")
    if importlib.util.find_spec("openvino") and importlib.util.find_spec("nncf"):
        found.append("int8")
    return found


def step(place: Workspace, precision: str, pictures: int, slow_pictures: int) -> Step:
    """The script gets the first `slow_pictures` only: each takes it as long as the one before."""
    faces = place.pictures(pictures)

    def agree(theirs: Vectors, ours: Vectors) -> str:
        return agreement(theirs, ours, precision)

    return Step(
        name=f"embed {precision}",
        unit="pictures",
        baseline="the original's script, a picture at a time",
        ours="jobs embed",
        slow=lambda: script(faces, place.weights, slow_pictures),
        fast=lambda: job(faces, place.weights, precision),
        agree=agree,
        goal=GOALS[precision],
    )


def script(faces: Path, weights: Path, pictures: int) -> StepRun:
    with temporary_database() as url:
        started = time.perf_counter()
        done = naive.script(faces, url, weights, pictures)
        return StepRun(done, time.perf_counter() - started, vectors(url))


def job(faces: Path, weights: Path, precision: str) -> StepRun:
    with temporary_database() as url:
        started = time.perf_counter()
        result = embed_pictures(faces, url, EmbedOptions(weights=str(weights), precision=precision))
        return StepRun(result.found, time.perf_counter() - started, vectors(url))


def unchanged(faces: Path, weights: Path) -> Iterator[float]:
    """Seconds of runs that find nothing to do."""
    with temporary_database() as url:
        # Files that are younger than two seconds are read again by the next run, because they may still change.
        embed_pictures(faces, url, EmbedOptions(weights=str(weights)))
        time.sleep(2)
        embed_pictures(faces, url, EmbedOptions())
        gc.freeze()  # a run of its own has no torch loaded, whose objects the collector walks through for 0.2 s
        for _ in range(3):
            started = time.perf_counter()
            result = embed_pictures(faces, url, EmbedOptions())
            if result.unchanged + result.duplicates != result.found:
                raise JobError("A second run of `embed` found something to do: please report that.")
            yield time.perf_counter() - started
        gc.unfreeze()


def vectors(url: str) -> Vectors:
    with open_connection(url) as db, db.cursor() as cursor:
        cursor.execute("SELECT filepath, vector::real[] FROM imagenes_fer")
        return {path: np.array(vector, dtype=np.float32) for path, vector in cursor}


def agreement(theirs: Vectors, ours: Vectors, precision: str) -> str:
    """Of the pictures that both have.

    Raises Failure when `embed` has not all of the original's, or a vector of it points elsewhere.
    """
    if not theirs.keys() <= ours.keys():
        raise JobError("`embed` and the original's script disagree on which pictures there are: please report that.")
    paths = sorted(theirs)
    first, second = unit([theirs[path] for path in paths]), unit([ours[path] for path in paths])
    least = float((first * second).sum(axis=1).min())
    if least < LEAST_COSINE[precision]:
        raise JobError(f"A vector of `embed` has a cosine of {least:.6f} only to the original's: please report that.")
    same = [len(set(a) & set(b)) / len(a) for a, b in zip(nearest(first), nearest(second), strict=True)]
    return f"cosine >= {np.floor(least * 1e7) / 1e7:.7f}, top-{NEIGHBOURS} {np.mean(same):.4f} the same"


def unit(rows: list[NDArray[np.float32]]) -> NDArray[np.float64]:
    found = np.array(rows, dtype=np.float64)
    lengths: NDArray[np.float64] = np.linalg.norm(found, axis=1, keepdims=True)
    return found / lengths


def nearest(rows: NDArray[np.float64]) -> NDArray[np.int64]:
    """The places of each row's nearest rows, itself among them; ties by place."""
    cosines = np.round(rows @ rows.T, 7)
    return np.argsort(-cosines, axis=1, kind="stable")[:, :NEIGHBOURS]


def share_of_roof(rate: float) -> tuple[float, float]:
    """The ceiling of direct convolutions in pictures a second, and the share of it that a rate is."""
    ceiling = roof.pictures_per_second()
    return round(ceiling, 1), round(rate / ceiling, 3)
