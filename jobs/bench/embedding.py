"""embed against the original script: the same pictures, weights and server."""

import gc
import importlib.util
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from jobs.bench import naive, plain_openvino, plain_torch, roof
from jobs.bench.step import Step, StepRun, mean_overlap
from jobs.bench.workspace import Workspace, temporary_database
from jobs.embed import device
from jobs.embed.engine import list_ways
from jobs.embed.fastest import measure_rates
from jobs.embed.model import load_network
from jobs.embed.options import EmbedOptions
from jobs.embed.recall import nearest_neighbors
from jobs.embed.run import embed_pictures
from jobs.errors import JobError
from jobs.postgres.connection import open_connection

Vectors = dict[str, NDArray[np.float32]]
MIN_COSINE = {"fp32": 0.999999, "bf16": 0.9997, "int8": 0.98}
NEIGHBORS = 10


def extra_precisions() -> list[str]:
    """The precisions besides fp32 that this machine supports."""
    precisions = []
    if device.has_bf16_instructions():
        precisions.append("bf16")
    if has_openvino():
        precisions.append("int8")
    return precisions


def has_openvino() -> bool:
    return all(importlib.util.find_spec(name) for name in ("openvino", "nncf"))


@dataclass(frozen=True)
class Contestant:
    """Another way to embed. `goals` has how many times as fast `jobs` aims to be, by precision."""

    suffix: str
    description: str
    embed: Callable[[Path, str, Path, int, str], int]
    goals: Mapping[str, float]
    is_slow: bool = False


CONTESTANTS = (
    Contestant(
        "",
        "the original's script, a picture at a time",
        lambda faces, url, weights, pictures, _: naive.run_script(faces, url, weights, pictures),
        {"fp32": 2.3, "bf16": 4.3, "int8": 8.0},
        is_slow=True,
    ),
    Contestant(
        ", plain torch",
        "the best plain torch: batches of 8, channels last, binary COPY",
        plain_torch.run_plain_torch,
        {"fp32": 1.6, "bf16": 1.3},
    ),
    Contestant(
        ", OpenVINO",
        "OpenVINO in throughput mode, int8 with its calibration",
        plain_openvino.run_openvino,
        {"fp32": 1.6, "bf16": 1.1, "int8": 1.9},
    ),
)


def embed_steps(workspace: Workspace, precision: str, pictures: int, slow_pictures: int) -> Iterator[Step]:
    """A step for each contestant of a precision that this machine supports.

    A slow one gets the first `slow_pictures` only: its time per picture is constant.
    """
    for contestant in CONTESTANTS:
        if precision in contestant.goals and (contestant.embed is not plain_openvino.run_openvino or has_openvino()):
            faces = workspace.draw_pictures(pictures)
            yield embed_step(faces, workspace.weights, precision, contestant, slow_pictures, pictures)


def embed_step(
    faces: Path, weights: Path, precision: str, contestant: Contestant, slow_pictures: int, pictures: int
) -> Step:
    limit = slow_pictures if contestant.is_slow else pictures
    return Step(
        name=f"embed {precision}{contestant.suffix}",
        unit="pictures",
        baseline=contestant.description,
        ours="jobs embed",
        run_baseline=lambda: run_contestant(contestant, faces, weights, limit, precision),
        run_ours=lambda: run_embed(faces, weights, precision),
        compare=lambda baseline, ours: compare_vectors(baseline, ours, precision),
        goal=contestant.goals[precision],
    )


def run_contestant(contestant: Contestant, faces: Path, weights: Path, pictures: int, precision: str) -> StepRun:
    with temporary_database() as url:
        started = time.perf_counter()
        done = contestant.embed(faces, url, weights, pictures, precision)
        return StepRun(done, time.perf_counter() - started, read_vectors(url))


def run_embed(faces: Path, weights: Path, precision: str) -> StepRun:
    with temporary_database() as url:
        started = time.perf_counter()
        result = embed_pictures(faces, url, EmbedOptions(weights=str(weights), precision=precision))
        return StepRun(result.found, time.perf_counter() - started, read_vectors(url))


def time_unchanged_runs(faces: Path, weights: Path) -> Iterator[float]:
    """The seconds of each run of `embed` that has nothing to do."""
    with temporary_database() as url:
        # The next run reads files again that are younger than two seconds, because they may still change.
        embed_pictures(faces, url, EmbedOptions(weights=str(weights)))
        time.sleep(2)
        embed_pictures(faces, url, EmbedOptions())
        gc.freeze()  # such a run does not import torch, through whose objects the garbage collector walks for 0.2 s
        for _ in range(3):
            started = time.perf_counter()
            result = embed_pictures(faces, url, EmbedOptions())
            if result.unchanged + result.duplicates != result.found:
                raise JobError("A second run of `embed` had something to do: please report that.")
            yield time.perf_counter() - started
        gc.unfreeze()


def read_vectors(url: str) -> Vectors:
    """The vectors of a database by their file paths."""
    with open_connection(url) as db, db.cursor() as cursor:
        cursor.execute("SELECT filepath, vector::real[] FROM imagenes_fer")
        return {path: np.array(vector, dtype=np.float32) for path, vector in cursor}


def compare_vectors(baseline: Vectors, ours: Vectors, precision: str) -> str:
    """Compare the vectors of the pictures that both have: the least cosine, and how many neighbors are the same.

    Raises JobError when `embed` lacks one of the script's pictures, or when a cosine is below MIN_COSINE.
    """
    if not baseline.keys() <= ours.keys():
        raise JobError("`embed` and the original's script disagree on which pictures there are: please report that.")
    paths = sorted(baseline)
    first, second = (np.array([vectors[path] for path in paths]) for vectors in (baseline, ours))
    least = min_cosine(first, second)
    if least < MIN_COSINE[precision]:
        raise JobError(f"A vector of `embed` has a cosine of {least:.6f} only to the original's: please report that.")
    same = mean_overlap(*(nearest_neighbors(rows, rows, NEIGHBORS).tolist() for rows in (first, second)))
    return f"cosine >= {np.floor(least * 1e7) / 1e7:.7f}, top-{NEIGHBORS} {same:.4f} the same"


def min_cosine(first: NDArray[np.float32], second: NDArray[np.float32]) -> float:
    """The least cosine of two (n, d) arrays, row by row, in float64."""
    a, b = first.astype(np.float64), second.astype(np.float64)
    lengths = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
    return float(((a * b).sum(axis=1) / lengths).min())


def measure_ways(weights: Path) -> dict[str, float]:
    """Pictures per second of each way that `embed` may take in fp32 on this processor."""
    return measure_rates(list_ways(load_network(weights), "fp32"))


def compare_with_roof(rate: float) -> tuple[float, float]:
    """The most pictures per second that direct convolutions could do, and the share of it that `rate` is."""
    limit = roof.measure_roof()
    return round(limit, 1), round(rate / limit, 3)
