"""bench: each step against what a user would write instead, in one run, on the same data, results compared."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from statistics import median

from jobs.bench import embedding, growth, moving, plot, results, searching, storage, vectors
from jobs.bench.results import BenchResult
from jobs.bench.step import Measured, Step, measure
from jobs.bench.workspace import Workspace, open_workspace
from jobs.embed.prepare import crops
from jobs.embed.weights import CALIBRATION_PICTURES, random_weights
from jobs.local.services import running_services
from jobs.pictures.read import read_file, read_pixels
from jobs.pictures.scan import find_pictures

RESULTS, PICTURE = "results.json", "bench.png"


@dataclass(frozen=True, kw_only=True)
class BenchOptions:
    """`out` is the folder for the results; `compare` an earlier results file."""

    quick: bool = False
    rounds: int | None = None
    compare: Path | None = None
    out: Path = Path("bench")


@dataclass(frozen=True)
class Size:
    """How much each step gets; `slow_` is for the plain ways, `grow_` where the growth begins.

    The plain way to embed gets `slow_pictures`. Zero `large_rows` leave out a table of that size, and `every_precision`
    says whether `embed` is measured in more than fp32.
    """

    rounds: int
    pictures: int
    slow_pictures: int
    every_precision: bool
    rows: int
    slow_rows: int
    large_rows: int
    unchanged: int
    grow_pictures: int
    grow_rows: int


QUICK = Size(
    rounds=2,
    pictures=192,
    slow_pictures=96,
    every_precision=False,
    rows=4_000,
    slow_rows=400,
    large_rows=0,
    unchanged=2_000,
    grow_pictures=16,
    grow_rows=250,
)
FULL = Size(
    rounds=3,
    pictures=3_000,
    slow_pictures=500,
    every_precision=True,
    rows=28_709,
    slow_rows=2_000,
    large_rows=4 * 28_709,
    unchanged=28_709,
    grow_pictures=128,
    grow_rows=2_000,
)


def run_bench(options: BenchOptions) -> BenchResult:
    """Measure everything, and write results.json and bench.png. Raises Failure where two ways do not agree."""
    before = results.read_results(options.compare) if options.compare else {}
    size = QUICK if options.quick else FULL
    with running_services(), open_workspace() as drawn:
        place = Workspace(drawn, seeded_weights(drawn))
        steps = list(measure_steps(place, size, options.rounds or size.rounds))
        grown = growth.measure_all(place, size.grow_pictures, size.grow_rows)
        seconds = median(embedding.unchanged(place.copies(size.unchanged), place.weights))
    best = max(step.our_rate for step in steps if step.name.startswith("embed fp32"))
    roof, share = embedding.share_of_roof(best)
    files = [options.out / RESULTS, options.out / PICTURE]
    result = BenchResult(
        date=datetime.now(UTC).date().isoformat(),
        quick=options.quick,
        machine=results.machine(),
        steps=steps,
        growth=grown,
        roof=roof,
        share=share,
        unchanged_pictures=size.unchanged,
        unchanged_seconds=round(seconds, 3),
        compared=results.compare(steps, before, options.compare) if options.compare else [],
        files=[str(file) for file in files],
    )
    results.write_results(result, files[0])
    plot.draw(steps, grown, files[1])
    return result


def measure_steps(place: Workspace, size: Size, rounds: int) -> Iterator[Measured]:
    for make in build_steps(place, size):
        yield measure(make(), rounds)
    with vectors.filled_database(size.rows) as url:
        for step in (moving.migration, moving.exporting, searching.exact, searching.hnsw):
            yield measure(step(url), rounds)
    if size.large_rows:
        with vectors.filled_database(size.large_rows) as url:
            yield measure(searching.hnsw(url, f", {size.large_rows:,} rows"), rounds)


def build_steps(place: Workspace, size: Size) -> list[Callable[[], Step]]:
    precisions = ["fp32", *(embedding.others() if size.every_precision else [])]
    return [
        *[partial(embedding.step, place, each, size.pictures, size.slow_pictures) for each in precisions],
        *[partial(vectors.load, plain, size.rows, size.slow_rows) for plain in vectors.PLAIN],
        lambda: storage.step(place, size.slow_pictures),
    ]


def seeded_weights(drawn: Path) -> Path:
    """The file of seeded weights, calibrated on drawn faces: the same for both ways."""
    pictures = find_pictures(Workspace(drawn, drawn).pictures(CALIBRATION_PICTURES)).pictures
    return random_weights(crops([read_pixels(read_file(picture.path)) for picture in pictures])).file
