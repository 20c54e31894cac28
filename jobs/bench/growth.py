"""How the cost of each step grows: its time for 1, 4 and 16 times as much work, and the exponent that fits."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from jobs.bench import moving, searching, vectors
from jobs.bench.workspace import Workspace, temporary_container, temporary_database
from jobs.embed.options import EmbedOptions
from jobs.embed.run import embed_pictures
from jobs.index.run import index_database
from jobs.terminal import log
from jobs.upload.run import upload_pictures

FACTORS = (1, 4, 16)


@dataclass(frozen=True, kw_only=True)
class Growth:
    """`seconds` for each of `sizes`. `exponent` is the slope of the logarithms: 1 is linear, 2 is quadratic."""

    name: str
    unit: str
    sizes: list[int]
    seconds: list[float]
    exponent: float


def measure_growth(name: str, unit: str, smallest: int, work: Callable[[int], float]) -> Growth:
    sizes = [smallest * factor for factor in FACTORS]
    seconds = []
    for size in sizes:
        log(f"growth of {name}: {size:,} {unit}")
        seconds.append(work(size))
    slope = float(np.polyfit(np.log(sizes), np.log(seconds), 1)[0])
    return Growth(
        name=name,
        unit=unit,
        sizes=sizes,
        seconds=[round(each, 3) for each in seconds],
        exponent=round(slope, 2),
    )


def measure_every_step(workspace: Workspace, pictures: int, rows: int) -> list[Growth]:
    """Measure every step, from this number of pictures or rows to sixteen times as many."""
    return [
        measure_growth("embed", "pictures", pictures, lambda size: time_embed(workspace, size)),
        measure_growth("upload", "pictures", pictures, lambda size: time_upload(workspace, size)),
        measure_growth(
            "load",
            "rows",
            rows,
            lambda size: vectors.run_load(vectors.copy_rows, vectors.random_vectors(size), size).seconds,
        ),
        measure_growth(
            "migrate",
            "rows",
            rows,
            lambda size: with_filled_database(size, lambda url: moving.run_migrate(url).seconds),
        ),
        measure_growth(
            "export", "rows", rows, lambda size: with_filled_database(size, lambda url: moving.run_export(url).seconds)
        ),
        measure_growth("exact search", "rows", rows, lambda size: with_filled_database(size, time_exact_search)),
        measure_growth("index", "rows", rows, lambda size: with_filled_database(size, time_index)),
    ]


def with_filled_database(rows: int, work: Callable[[str], float]) -> float:
    with vectors.filled_database(rows) as url:
        return work(url)


def time_exact_search(url: str) -> float:
    return 1 / searching.time_exact_searches(url, "imagenes_fer").rate  # per query: a small table yields fewer queries


def time_index(url: str) -> float:
    started = time.perf_counter()
    index_database(url)
    return time.perf_counter() - started


def time_embed(workspace: Workspace, size: int) -> float:
    faces = workspace.draw_pictures(size)
    with temporary_database() as url:
        started = time.perf_counter()
        embed_pictures(faces, url, EmbedOptions(weights=str(workspace.weights)))
        return time.perf_counter() - started


def time_upload(workspace: Workspace, size: int) -> float:
    faces = workspace.draw_pictures(size)
    with temporary_container() as container:
        started = time.perf_counter()
        upload_pictures(faces, container)
        return time.perf_counter() - started
