"""bench: measure each step against a simple implementation, in one run, on the same data, and compare the results."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from jobs.bench import embedding, growth, moving, page, plot, results, searching, storage, vectors
from jobs.bench.page_figures import Memory, measure_frame
from jobs.bench.results import BenchResult
from jobs.bench.step import Measurement, Step, measure_step
from jobs.bench.workspace import Workspace, open_workspace
from jobs.embed.prepare import read_sample
from jobs.embed.weights import CALIBRATION_PICTURES, random_weights
from jobs.local.services import running_services
from jobs.pictures.scan import find_pictures

RESULTS, PICTURE = "results.json", "bench.png"


@dataclass(frozen=True, kw_only=True)
class BenchOptions:
    """`out` is the folder for the results, `compare` an earlier results file."""

    quick: bool = False
    rounds: int | None = None
    compare: Path | None = None
    out: Path = Path("report/bench")


@dataclass(frozen=True)
class Size:
    """How much work each step gets: `slow_` for the baselines, `grow_` for the smallest size of the growth.

    `large_rows` is the size of a second table for HNSW, 0 for none. `page_pictures` are given to the page. With
    `every_precision`, `embed` is measured in all precisions that this machine supports, otherwise in fp32.
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
    page_pictures: int


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
    page_pictures=64,
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
    page_pictures=64,
)


def run_bench(options: BenchOptions) -> BenchResult:
    """Measure everything, and write results.json and bench.png. Raises JobError when two results do not agree."""
    before = results.read_results(options.compare) if options.compare else {}
    size = QUICK if options.quick else FULL
    rounds = options.rounds or size.rounds
    with running_services(), open_workspace() as drawn:
        workspace = Workspace(drawn, create_weights(drawn))
        steps = list(measure_steps(workspace, size, rounds))
        grown = growth.measure_every_step(workspace, size.grow_pictures, size.grow_rows)
        ways = embedding.measure_ways(workspace.weights)
        seconds = median(embedding.time_unchanged_runs(workspace.copy_pictures(size.unchanged), workspace.weights))
        searched, memory, frame = measure_page(workspace, size, rounds)
        steps += searched
    best = max(step.our_rate for step in steps if step.name.startswith("embed fp32"))
    roof, share = embedding.compare_with_roof(best)
    files = [options.out / RESULTS, options.out / PICTURE]
    result = BenchResult(
        date=datetime.now(UTC).date().isoformat(),
        quick=options.quick,
        machine=results.describe_machine(),
        steps=steps,
        growth=grown,
        roof=roof,
        share=share,
        ways=ways,
        unchanged_pictures=size.unchanged,
        unchanged_seconds=round(seconds, 3),
        page_vectors=size.rows,
        page_mib=round(memory.total / 2**20),
        page_cuda_mib=round(memory.cuda / 2**20),
        map_milliseconds=frame,
        compared=results.compare_results(steps, before, options.compare) if options.compare else [],
        files=[str(file) for file in files],
    )
    results.write_results(result, files[0])
    plot.draw_results(steps, grown, files[1])
    return result


def measure_steps(workspace: Workspace, size: Size, rounds: int) -> Iterator[Measurement]:
    for step in build_steps(workspace, size):
        yield measure_step(step, rounds)
    with vectors.filled_database(size.rows) as url:
        for make in (moving.migrate_step, moving.export_step, searching.exact_step, searching.hnsw_step):
            yield measure_step(make(url), rounds)
    if size.large_rows:
        with vectors.filled_database(size.large_rows) as url:
            yield measure_step(searching.hnsw_step(url, f", {size.large_rows:,} rows"), rounds)


def measure_page(workspace: Workspace, size: Size, rounds: int) -> tuple[list[Measurement], Memory, float | None]:
    """The steps of the page, the memory that it takes before the first search, and the time of a frame of its map."""
    folder, faces = page.draw_faces(workspace, size.page_pictures)
    with page.served_page(folder, workspace.weights, size.rows) as served:
        steps = [measure_step(step, rounds) for step in page.page_steps(served, faces)]
        return steps, served.memory, measure_frame(served.url, served.cookies)


def build_steps(workspace: Workspace, size: Size) -> Iterator[Step]:
    """The steps that need no filled database, each made when it is measured."""
    for precision in ["fp32", *(embedding.extra_precisions() if size.every_precision else [])]:
        yield from embedding.embed_steps(workspace, precision, size.pictures, size.slow_pictures)
    for baseline in vectors.BASELINES:
        yield vectors.load_step(baseline, size.rows, size.slow_rows)
    yield storage.upload_step(workspace, size.slow_pictures)


def create_weights(drawn: Path) -> Path:
    """The file of random weights, calibrated on drawn faces: the same for both sides."""
    pictures = find_pictures(Workspace(drawn, drawn).draw_pictures(CALIBRATION_PICTURES)).pictures
    return random_weights(read_sample(pictures, CALIBRATION_PICTURES)).file
