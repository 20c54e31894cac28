"""demo: every step on this laptop, from pictures to a page that shows what was found."""

import contextlib
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from jobs.embed import run as embed
from jobs.embed import write
from jobs.embed.options import Wish
from jobs.embed.weights import NotDownloadable
from jobs.errors import Failure
from jobs.index import run as index
from jobs.local import services as local
from jobs.migrate import run as migrate
from jobs.pictures import sample
from jobs.pictures.scan import find
from jobs.pipeline import run as run_pipeline
from jobs.postgres import schema
from jobs.postgres.connection import connected, lock
from jobs.report import page as report
from jobs.report.page import Page, Step
from jobs.search import run as search
from jobs.state import root
from jobs.storage import client as blobs
from jobs.target import load_target
from jobs.terminal import say
from jobs.upload import run as upload
from jobs.verify import run as verify

T = TypeVar("T")

UNTRAINED = (
    "Untrained weights: the ImageNet weights could not be downloaded, or random ones were asked for. Everything works "
    "the same, but how near two faces are says little. With a network, or with --weights FILE, it says more."
)
QUERY_EMOTION = "happy"


@dataclass(frozen=True, kw_only=True)
class Options:
    """`images` None: draw `count` faces from `seed`. `weights` None: ImageNet's, and untrained where there are none."""

    images: Path | None
    report: Path
    count: int
    seed: int
    weights: str | None


@dataclass(frozen=True, kw_only=True)
class Result:
    """The result of each step, and where the page is. `warning` is empty with trained weights."""

    sample: sample.Result | None
    embed: embed.Result
    migrate: migrate.Result
    upload: upload.Result
    run_pipeline: run_pipeline.Result
    verify: verify.Result
    index: index.Result
    search: search.Result
    report: str
    warning: str
    seconds: float

    def summary(self) -> str:
        steps = (self.verify, self.search)
        lines = [step.summary() for step in steps]
        if self.warning:
            lines.append(f"NOTE: {self.warning}")
        return "\n".join([*lines, f"All of it took {self.seconds:.0f} s. Open {self.report} in a browser."])


class Flow:
    """The steps so far, for the page."""

    def __init__(self) -> None:
        self.steps: list[Step] = []

    def step(self, title: str, work: Callable[[], T], did: Callable[[T], str]) -> T:
        started = time.perf_counter()
        result = work()
        step = Step(title=title, did=did(result), seconds=time.perf_counter() - started)
        say(f"{step.title:10} {step.did} ({step.seconds:.1f} s)")
        self.steps.append(step)
        return result


def run(options: Options) -> Result:
    """All steps in order; services that it had to start are stopped again, so a second demo waits for the first."""
    with local.alone("demo.lock", "Another demo has been at work in this folder"), local.lent():
        return walk(options, Flow())


def walk(options: Options, flow: Flow) -> Result:
    started = time.perf_counter()
    target, laptop = load_target("local"), local.laptop_url()
    forget_drawn(laptop)
    drawn = None if options.images else flow.step("Draw", lambda: draw(options), lambda r: f"{r.images} faces")
    pictures = options.images or drawn_folder()
    embedded = flow.step("Embed", lambda: embed_or_fall_back(pictures, laptop, options.weights), told_embed)
    moved = flow.step(
        "Migrate", lambda: migrate.run(laptop, target), lambda r: f"{r.rows} rows to the cloud database, bit for bit"
    )
    sent = flow.step("Upload", lambda: upload.run(pictures, blobs.pictures(target)), told_upload)
    piped = flow.step("Pipeline", lambda: succeeded(run_pipeline.run(target, run_pipeline.PIPELINE, {})), told_pipeline)
    checked = flow.step("Verify", lambda: verify.run(target, laptop), told_verify)
    indexed = flow.step("Index", lambda: index.run(target, "lake"), lambda r: f"{r.rows} vectors, faiss, in the lake")
    query = search.Query(picture=pick_query(options, pictures))
    found = flow.step(
        "Search", lambda: search.run(target, query), lambda r: f"the {len(r.results)} nearest to a picture"
    )
    warning = UNTRAINED if embedded.weights == "random" else ""
    note = f"{embedded.found} pictures through the whole flow on this laptop, no cloud account used."
    page = Page(title="Pictures to a searchable vector lake", steps=flow.steps, warning=warning, note=note)
    return Result(
        sample=drawn,
        embed=embedded,
        migrate=moved,
        upload=sent,
        run_pipeline=piped,
        verify=checked,
        index=indexed,
        search=found,
        report=str(report.write(target, found, page, options.report)),
        warning=warning,
        seconds=round(time.perf_counter() - started, 3),
    )


def drawn_folder() -> Path:
    return root() / "demo"


def draw(options: Options) -> sample.Result:
    """Draw anew into a folder of our own."""
    shutil.rmtree(drawn_folder(), ignore_errors=True)
    return sample.run(drawn_folder(), options.count, options.seed)


def forget_drawn(laptop: str) -> None:
    """Rows that an earlier demo drew: they can be drawn again, and must not mix with real pictures."""
    with connected(laptop) as db:
        schema.upgrade(db)
        lock(db, "embed")
        write.delete_folder(db, str(drawn_folder() / "train"))


def embed_or_fall_back(pictures: Path, laptop: str, weights: str | None) -> embed.Result:
    """Only the demo falls back to untrained weights, and says so."""
    try:
        return embed.run(pictures, laptop, Wish(weights=weights))
    except NotDownloadable:
        if weights is not None:
            raise
        say(f"NOTE: {UNTRAINED}")
        return embed.run(pictures, laptop, Wish(weights="random"))


def succeeded(result: run_pipeline.Result) -> run_pipeline.Result:
    if result.status != "Succeeded":
        raise Failure(f"{result.summary()}. Run the same command again.")
    return result


def pick_query(options: Options, pictures: Path) -> Path:
    """A picture to search for: a face that is in no table, or of the data set's test half, or else one of its own."""
    if not options.images:
        path = drawn_folder() / "query.jpg"
        sample.face(QUERY_EMOTION, f"{options.seed} query").save(path, quality=90)
        return path
    for folder in (pictures / "test", pictures):
        with contextlib.suppress(Failure):
            found = find(folder).pictures
            if found:
                return found[len(found) // 2].path
    raise Failure(f"There is no picture in {pictures} to search for: give another folder.")


def told_embed(result: embed.Result) -> str:
    said = f"{result.embedded} vectors of 512 numbers into the laptop's database, weights {result.weights}"
    again = f", {result.unchanged + result.renamed} known already" if result.unchanged + result.renamed else ""
    return said + again + (f", {len(result.failed)} unreadable" if result.failed else "")


def told_upload(result: upload.Result) -> str:
    return f"{result.uploaded} pictures to Blob" + (f", {result.skipped} there already" if result.skipped else "")


def told_pipeline(result: run_pipeline.Result) -> str:
    rows = sum(activity.get("rowsCopied", 0) for activity in result.activities)
    files = sum(activity["filesWritten"] for activity in result.activities if "rowsCopied" not in activity)
    return f"{result.pipeline}: {rows} rows to Parquet, {files} pictures to the lake"


def told_verify(result: verify.Result) -> str:
    if not result.ok:
        return f"{len(result.problems)} problems, the first: {result.problems[0]}"
    return f"{result.rows_parquet} rows and {result.images} pictures agree in all places"
