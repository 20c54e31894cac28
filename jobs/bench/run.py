"""bench: each step against what a user would write instead, in one run, on the same data, results compared."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from statistics import median

from jobs.bench import embedding, growth, moving, plot, results, searching, storage, vectors
from jobs.bench.results import Result
from jobs.bench.step import Measured, Step, measure
from jobs.bench.workspace import Place, folder
from jobs.embed.prepare import crops
from jobs.embed.weights import CALIBRATION_PICTURES, random
from jobs.local import services as local
from jobs.pictures.read import read_file, read_pixels
from jobs.pictures.scan import find_pictures

RESULTS, PICTURE = "results.json", "bench.png"


@dataclass(frozen=True, kw_only=True)
class Options:
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


def run(options: Options) -> Result:
    """Measure everything, and write results.json and bench.png. Raises Failure where two ways do not agree."""
    before = results.earlier(options.compare) if options.compare else {}
    size = QUICK if options.quick else FULL
    with local.running_services(), folder() as drawn:
        place = Place(drawn, seeded(drawn))
        steps = list(measured(place, size, options.rounds or size.rounds))
        grown = growth.measure(place, size.grow_pictures, size.grow_rows)
        seconds = median(embedding.unchanged(place.copies(size.unchanged), place.weights))
    best = max(step.our_rate for step in steps if step.name.startswith("embed fp32"))
    roof, share = embedding.share_of_roof(best)
    files = [options.out / RESULTS, options.out / PICTURE]
    result = Result(
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
    results.write(result, files[0])
    plot.draw(steps, grown, files[1])
    return result


def measured(place: Place, size: Size, rounds: int) -> Iterator[Measured]:
    for make in steps(place, size):
        yield measure(make(), rounds)
    with vectors.filled(size.rows) as url:
        for step in (moving.migration, moving.exporting, searching.exact, searching.hnsw):
            yield measure(step(url), rounds)
    if size.large_rows:
        with vectors.filled(size.large_rows) as url:
            yield measure(searching.hnsw(url, f", {size.large_rows:,} rows"), rounds)


def steps(place: Place, size: Size) -> list[Callable[[], Step]]:
    precisions = ["fp32", *(embedding.others() if size.every_precision else [])]
    return [
        *[partial(embedding.step, place, each, size.pictures, size.slow_pictures) for each in precisions],
        *[partial(vectors.load, plain, size.rows, size.slow_rows) for plain in vectors.PLAIN],
        lambda: storage.step(place, size.slow_pictures),
    ]


def seeded(drawn: Path) -> Path:
    """The file of seeded weights, calibrated on drawn faces: the same for both ways."""
    pictures = find_pictures(Place(drawn, drawn).pictures(CALIBRATION_PICTURES)).pictures
    return random(crops([read_pixels(read_file(picture.path)) for picture in pictures])).file
