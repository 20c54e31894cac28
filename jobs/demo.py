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
from jobs.embed.options import EmbedOptions
from jobs.embed.weights import DownloadError
from jobs.errors import JobError
from jobs.index import run as index
from jobs.local.services import laptop_url, running_services
from jobs.migrate import run as migrate
from jobs.pictures import sample
from jobs.pictures.scan import find_pictures
from jobs.pipeline import DEFAULT_PIPELINE
from jobs.pipeline import run as run_pipeline
from jobs.postgres import schema
from jobs.postgres.connection import open_connection, take_lock
from jobs.report import page as report
from jobs.report.page import Page, Step
from jobs.search import run as search
from jobs.state import exclusive_lock, state_folder
from jobs.storage.client import pictures_container
from jobs.target import load_target
from jobs.terminal import log
from jobs.upload import run as upload
from jobs.verify import run as verify

T = TypeVar("T")

UNTRAINED = (
    "Untrained weights: the ImageNet weights could not be downloaded, or random ones were asked for. Everything works "
    "the same, but how near two faces are says little. With a network, or with --weights FILE, it says more."
)
QUERY_EMOTION = "happy"


@dataclass(frozen=True, kw_only=True)
class DemoOptions:
    """`images` None: draw `count` faces from `seed`. `weights` None: ImageNet's, and untrained where there are none."""

    images: Path | None
    report: Path
    count: int
    seed: int
    weights: str | None


@dataclass(frozen=True, kw_only=True)
class DemoResult:
    """The result of each step, and where the page is. `warning` is empty with trained weights."""

    sample: sample.SampleResult | None
    embed: embed.EmbedResult
    migrate: migrate.MigrateResult
    upload: upload.UploadResult
    run_pipeline: run_pipeline.PipelineResult
    verify: verify.VerifyResult
    index: index.IndexResult
    search: search.SearchResult
    report: str
    warning: str
    seconds: float

    def summary(self) -> str:
        steps = (self.verify, self.search)
        lines = [step.summary() for step in steps]
        if self.warning:
            lines.append(f"NOTE: {self.warning}")
        return "\n".join([*lines, f"All of it took {self.seconds:.0f} s. Open {self.report} in a browser."])


class StepRecorder:
    """The steps so far, for the page."""

    def __init__(self) -> None:
        self.steps: list[Step] = []

    def step(self, title: str, work: Callable[[], T], did: Callable[[T], str]) -> T:
        started = time.perf_counter()
        result = work()
        step = Step(title=title, did=did(result), seconds=time.perf_counter() - started)
        log(f"{step.title:10} {step.did} ({step.seconds:.1f} s)")
        self.steps.append(step)
        return result


def run_demo(options: DemoOptions) -> DemoResult:
    """All steps in order; services that it had to start are stopped again, so a second demo waits for the first."""
    with exclusive_lock("demo.lock", "Another demo has been at work in this folder"), running_services():
        return run_steps(options, StepRecorder())


def run_steps(options: DemoOptions, flow: StepRecorder) -> DemoResult:
    started = time.perf_counter()
    target, laptop = load_target("local"), laptop_url()
    delete_drawn_rows(laptop)
    drawn = None if options.images else flow.step("Draw", lambda: draw_faces(options), lambda r: f"{r.images} faces")
    pictures = options.images or faces_folder()
    embedded = flow.step("Embed", lambda: embed_or_fall_back(pictures, laptop, options.weights), describe_embed)
    moved = flow.step(
        "Migrate",
        lambda: migrate.migrate_table(laptop, target),
        lambda r: f"{r.rows} rows to the cloud database, bit for bit",
    )
    sent = flow.step("Upload", lambda: upload.upload_pictures(pictures, pictures_container(target)), describe_upload)
    piped = flow.step(
        "Pipeline",
        lambda: require_success(run_pipeline.run_pipeline(target, DEFAULT_PIPELINE, {})),
        describe_pipeline,
    )
    checked = flow.step("Verify", lambda: verify.verify_places(target, laptop), describe_verify)
    indexed = flow.step(
        "Index", lambda: index.build_index(target, "lake"), lambda r: f"{r.rows} vectors, faiss, in the lake"
    )
    query = search.Query(picture=pick_query(options, pictures))
    found = flow.step(
        "Search", lambda: search.search_pictures(target, query), lambda r: f"the {len(r.results)} nearest to a picture"
    )
    warning = UNTRAINED if embedded.weights == "random" else ""
    note = f"{embedded.found} pictures through the whole flow on this laptop, no cloud account used."
    page = Page(title="Pictures to a searchable vector lake", steps=flow.steps, warning=warning, note=note)
    return DemoResult(
        sample=drawn,
        embed=embedded,
        migrate=moved,
        upload=sent,
        run_pipeline=piped,
        verify=checked,
        index=indexed,
        search=found,
        report=str(report.write_page(target, found, page, options.report)),
        warning=warning,
        seconds=round(time.perf_counter() - started, 3),
    )


def faces_folder() -> Path:
    return state_folder() / "demo"


def draw_faces(options: DemoOptions) -> sample.SampleResult:
    """Draw anew into a folder of our own."""
    shutil.rmtree(faces_folder(), ignore_errors=True)
    return sample.draw_sample(faces_folder(), options.count, options.seed)


def delete_drawn_rows(laptop: str) -> None:
    """Rows that an earlier demo drew: they can be drawn again, and must not mix with real pictures."""
    with open_connection(laptop) as db:
        schema.upgrade_schema(db)
        take_lock(db, "embed")
        write.delete_folder(db, str(faces_folder() / "train"))


def embed_or_fall_back(pictures: Path, laptop: str, weights: str | None) -> embed.EmbedResult:
    """Only the demo falls back to untrained weights, and says so."""
    try:
        return embed.embed_pictures(pictures, laptop, EmbedOptions(weights=weights))
    except DownloadError:
        if weights is not None:
            raise
        log(f"NOTE: {UNTRAINED}")
        return embed.embed_pictures(pictures, laptop, EmbedOptions(weights="random"))


def require_success(result: run_pipeline.PipelineResult) -> run_pipeline.PipelineResult:
    if result.status != "Succeeded":
        raise JobError(f"{result.summary()}. Run the same command again.")
    return result


def pick_query(options: DemoOptions, pictures: Path) -> Path:
    """A picture to search for: a face that is in no table, or of the data set's test half, or else one of its own."""
    if not options.images:
        path = faces_folder() / "query.jpg"
        sample.draw_face(QUERY_EMOTION, f"{options.seed} query").save(path, quality=90)
        return path
    for folder in (pictures / "test", pictures):
        with contextlib.suppress(JobError):
            found = find_pictures(folder).pictures
            if found:
                return found[len(found) // 2].path
    raise JobError(f"There is no picture in {pictures} to search for: give another folder.")


def describe_embed(result: embed.EmbedResult) -> str:
    said = f"{result.embedded} vectors of 512 numbers into the laptop's database, weights {result.weights}"
    again = f", {result.unchanged + result.renamed} known already" if result.unchanged + result.renamed else ""
    return said + again + (f", {len(result.failed)} unreadable" if result.failed else "")


def describe_upload(result: upload.UploadResult) -> str:
    return f"{result.uploaded} pictures to Blob" + (f", {result.skipped} there already" if result.skipped else "")


def describe_pipeline(result: run_pipeline.PipelineResult) -> str:
    rows = sum(activity.get("rowsCopied", 0) for activity in result.activities)
    files = sum(activity["filesWritten"] for activity in result.activities if "rowsCopied" not in activity)
    return f"{result.pipeline}: {rows} rows to Parquet, {files} pictures to the lake"


def describe_verify(result: verify.VerifyResult) -> str:
    if not result.ok:
        return f"{len(result.problems)} problems, the first: {result.problems[0]}"
    return f"{result.rows_parquet} rows and {result.images} pictures agree in all places"
