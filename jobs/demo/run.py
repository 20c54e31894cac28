"""demo: every step on this laptop, from pictures to a page with the results of a search."""

import time
from dataclasses import dataclass
from pathlib import Path

from jobs.demo.describe import (
    describe_embed,
    describe_index,
    describe_migrate,
    describe_pipeline,
    describe_sample,
    describe_search,
    describe_upload,
    describe_verify,
)
from jobs.demo.options import DemoOptions
from jobs.demo.pictures import delete_earlier_rows, draw_faces, faces_folder, pick_query
from jobs.demo.services import demo_services
from jobs.embed.download import DownloadError
from jobs.embed.options import EmbedOptions
from jobs.embed.result import EmbedResult
from jobs.embed.run import embed_pictures
from jobs.errors import ErrorKind, JobError
from jobs.index.run import IndexResult, build_index
from jobs.local.services import laptop_url
from jobs.migrate.run import MigrateResult, migrate_table
from jobs.pictures.locate import PicturesFolder, locate_pictures
from jobs.pictures.sample import SampleResult
from jobs.pipeline import DEFAULT_PIPELINE
from jobs.pipeline.run import PipelineResult, run_pipeline
from jobs.report.page import Page, write_page
from jobs.report.steps import StepRecorder
from jobs.search.run import Query, SearchResult, search_pictures
from jobs.storage.client import pictures_container
from jobs.target import load_target
from jobs.terminal import log
from jobs.upload.run import UploadResult, upload_pictures
from jobs.verify.run import VerifyResult, verify_target

UNTRAINED = (
    "Untrained weights: the ImageNet weights could not be downloaded, or random ones were asked for. Everything works "
    "the same, but how near two faces are says little. With a network, or with --weights FILE, it says more."
)
NEXT = (
    "Next:",
    "  python -m jobs app                        opens it: search by picture, explore, watch the flow",
    "  python -m jobs demo --images DIR --open   the same with your own pictures, DIR/<emotion>/<name>.jpg",
    "  python -m jobs local status               the two databases, for psql and pgAdmin",
    "  python -m jobs --help                     every step as a command of its own",
    "  python -m jobs cost                       what it costs a month on Azure, before you deploy it",
)


@dataclass(frozen=True, kw_only=True)
class DemoResult:
    """The result of each step, and the page: its path and its file:// address. `warning` is empty if trained."""

    sample: SampleResult | None
    embed: EmbedResult
    migrate: MigrateResult
    upload: UploadResult
    run_pipeline: PipelineResult
    verify: VerifyResult
    index: IndexResult
    search: SearchResult
    report: str
    report_url: str
    warning: str
    seconds: float

    def summary(self) -> str:
        lines = [self.verify.summary(), self.search.summary()]
        if self.warning:
            lines.append(f"NOTE: {self.warning}")
        return "\n".join([*lines, f"All of it took {self.seconds:.0f} s. The page: {self.report_url}", *NEXT])


def run_demo(options: DemoOptions) -> DemoResult:
    """Run every step with services of the demo's own, which are stopped afterwards."""
    with demo_services():
        return run_steps(options, StepRecorder())


def run_steps(options: DemoOptions, recorder: StepRecorder) -> DemoResult:
    """Run every step with running services, and write the page."""
    started, step = time.perf_counter(), recorder.run_step
    target, laptop = load_target("local"), laptop_url()
    sample = None
    if options.images:
        pictures = locate_pictures(PicturesFolder(options.images)).folder
    else:
        sample = step("Draw", lambda: draw_faces(options.count, options.seed), describe_sample)
        pictures = faces_folder() / "train"
    delete_earlier_rows(laptop, str(pictures) if options.images else "")
    embed = step("Embed", lambda: embed_or_fall_back(pictures, laptop, options.weights), describe_embed)
    # The databases are the demo's own: rows of an earlier demo may go.
    migrate = step("Migrate", lambda: migrate_table(laptop, target, delete=True), describe_migrate)
    container = pictures_container(target)
    upload = step("Upload", lambda: upload_pictures(pictures, container, prune=True, replace=True), describe_upload)
    pipeline = step("Pipeline", lambda: require_success(run_pipeline(target, DEFAULT_PIPELINE, {})), describe_pipeline)
    verify = step("Verify", lambda: verify_target(target, laptop), describe_verify)
    index = step("Index", lambda: build_index(target, "lake"), describe_index)
    query = Query(picture=pick_query(options, pictures))
    search = step("Search", lambda: search_pictures(target, query), describe_search)
    warning = UNTRAINED if embed.weights == "random" else ""
    note = f"{embed.found} pictures through every step on this laptop, without a cloud account."
    page = Page(title="Pictures to a searchable vector lake", steps=recorder.steps, warning=warning, note=note)
    report = write_page(target, search, page, options.report)
    return DemoResult(
        sample=sample,
        embed=embed,
        migrate=migrate,
        upload=upload,
        run_pipeline=pipeline,
        verify=verify,
        index=index,
        search=search,
        report=str(report),
        report_url=report.resolve().as_uri(),
        warning=warning,
        seconds=round(time.perf_counter() - started, 3),
    )


def embed_or_fall_back(pictures: Path, url: str, weights: str | None) -> EmbedResult:
    """Embed. Only the demo falls back to random weights when the ImageNet weights cannot be downloaded, with a note."""
    try:
        return embed_or_replace(pictures, url, weights)
    except DownloadError:
        if weights is not None:
            raise
        log(f"NOTE: {UNTRAINED}")
        return embed_or_replace(pictures, url, "random")


def embed_or_replace(pictures: Path, url: str, weights: str | None) -> EmbedResult:
    """Embed. The rows of an earlier demo with other weights are replaced: the table is the demo's own."""
    try:
        return embed_pictures(pictures, url, EmbedOptions(weights=weights))
    except JobError as error:
        if error.kind is not ErrorKind.conflict:
            raise
        return embed_pictures(pictures, url, EmbedOptions(weights=weights, replace=True))


def require_success(result: PipelineResult) -> PipelineResult:
    """Returns the result. Raises JobError when the run did not succeed."""
    if result.status != "Succeeded":
        raise JobError(f"{result.summary()}. Run the same command again.")
    return result
