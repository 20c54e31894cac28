"""How the cost of each step grows: the step on 1, 4 and 16 times as much, and the exponent that fits."""

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
    """`seconds` for `sizes` pieces; `exponent` is the slope of their logarithms: 1 is in proportion, 2 squared."""

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


def measure_all(place: Workspace, pictures: int, rows: int) -> list[Growth]:
    """Every step from so many pictures, or rows, to sixteen times as many."""
    return [
        measure_growth("embed", "pictures", pictures, lambda size: embedded(place, size)),
        measure_growth("upload", "pictures", pictures, lambda size: uploaded(place, size)),
        measure_growth(
            "load",
            "rows",
            rows,
            lambda size: vectors.loaded(vectors.copy_rows, vectors.make_vectors(size), size).seconds,
        ),
        measure_growth("migrate", "rows", rows, lambda size: on_filled(size, lambda url: moving.migrated(url).seconds)),
        measure_growth("export", "rows", rows, lambda size: on_filled(size, lambda url: moving.exported(url).seconds)),
        measure_growth("exact search", "rows", rows, lambda size: on_filled(size, exact)),
        measure_growth("index", "rows", rows, lambda size: on_filled(size, indexed)),
    ]


def on_filled(rows: int, work: Callable[[str], float]) -> float:
    with vectors.filled_database(rows) as url:
        return work(url)


def exact(url: str) -> float:
    return 1 / searching.searched(url, "imagenes_fer").rate  # a small table has fewer rows to search by


def indexed(url: str) -> float:
    started = time.perf_counter()
    index_database(url)
    return time.perf_counter() - started


def embedded(place: Workspace, size: int) -> float:
    faces = place.pictures(size)
    with temporary_database() as url:
        started = time.perf_counter()
        embed_pictures(faces, url, EmbedOptions(weights=str(place.weights)))
        return time.perf_counter() - started


def uploaded(place: Workspace, size: int) -> float:
    faces = place.pictures(size)
    with temporary_container() as made:
        started = time.perf_counter()
        upload_pictures(faces, made)
        return time.perf_counter() - started
