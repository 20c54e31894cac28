"""embed: from a folder of pictures to 512-d ResNet18 vectors in a database.

A second run embeds only what is new or changed by content. A run that was killed continues where it was. A file whose
size and times are those recorded with its hashes is not read again. torch takes seconds to import: it is imported only
if there is something to embed.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from psycopg2.extensions import connection

from jobs import terminal
from jobs.embed import known, write
from jobs.embed.on_ray.run import require_ray
from jobs.embed.options import EmbedOptions, ResolvedModel, finish_replacement, resolve_model
from jobs.embed.picture_files import source_files
from jobs.embed.plan import HashCache, Plan, Work, is_unchanged, make_plan
from jobs.embed.prepare import read_sample
from jobs.embed.result import EmbedResult
from jobs.embed.selection import Selection, select_pictures
from jobs.errors import ErrorKind, JobError
from jobs.notice import say_if_slow
from jobs.pictures.read import PictureSource, read_contents
from jobs.pictures.scan import Picture, ScanResult, SkippedPicture, find_pictures
from jobs.postgres import schema
from jobs.postgres.connection import acquire_lock, open_connection
from jobs.target import Target

if TYPE_CHECKING:
    from jobs.embed.engine import Engine
    from jobs.embed.flow import Totals
    from jobs.embed.on_ray.workers import Workers


@dataclass(frozen=True)
class Execution:
    """What embedded, and what came of it."""

    engine: Engine | Workers
    totals: Totals


@dataclass(frozen=True)
class Outcome:
    """What happened to the selected pictures. `execution` is None if there was nothing to embed."""

    unchanged: int
    renamed: int = 0
    deleted: int = 0
    failed: list[SkippedPicture] = field(default_factory=list)
    execution: Execution | None = None


def embed_pictures(pictures: Path | Target, url: str, options: EmbedOptions, limit: int | None = None) -> EmbedResult:
    """Make the table at `url` (a libpq URL) hold the pictures of a folder, or at least the first `limit` of them.

    For a target, the pictures are those in its container.
    """
    started = time.perf_counter()
    if options.ray:
        require_ray()
    scan, source = scan_pictures(pictures)
    selection = select_pictures(scan, limit)
    with open_connection(url) as db:
        schema.upgrade_schema(db)
        acquire_lock(db, "embed")
        sample = partial(sample_pictures, source, selection.pictures)
        model = resolve_model(db, options, sample, source_files(source, selection.pictures))
        if is_unchanged(selection.pictures, known.read_stats(db, source.name)):
            outcome = Outcome(unchanged=len(selection.pictures))
        else:
            plan, unreadable = plan_run(db, scan, source, selection)
            execution = apply_plan(db, source, plan, model, options)
            failed = [*unreadable, *(execution.totals.failed if execution else [])]
            deleted = delete_rows(db, source, plan, [*selection.failed, *failed]) if limit is None else 0
            unchanged = len(plan.unchanged) + len(plan.reassigned)
            outcome = Outcome(unchanged, len(plan.renamed), deleted, failed, execution)
        finish_replacement(db, model)
    return build_result(selection, model, outcome, round(time.perf_counter() - started, 3))


def scan_pictures(pictures: Path | Target) -> tuple[ScanResult, PictureSource]:
    """List the pictures of a folder, or of a target's container. Raises JobError if there is none."""
    if isinstance(pictures, Target):
        from jobs.embed import from_blob

        return from_blob.scan_container(pictures)
    with say_if_slow(f"Looking for pictures in {pictures}"):
        scan = find_pictures(pictures)
    return scan, PictureSource(str(scan.folder))


def sample_pictures(source: PictureSource, pictures: list[Picture], count: int) -> NDArray[np.uint8]:
    """Prepare up to `count` pictures to calibrate on. Raises JobError if none of them can be read."""
    grey = read_sample(pictures, count, source.read)
    if not len(grey):
        raise JobError(
            "None of the pictures can be read: give a folder with complete JPEG or PNG files.", ErrorKind.invalid
        )
    return grey


def plan_run(
    db: connection, scan: ScanResult, source: PictureSource, selection: Selection
) -> tuple[Plan, list[SkippedPicture]]:
    """Hash the pictures that may have changed, and compare them with the table's rows. Changes nothing.

    Also returns the pictures that cannot be read.
    """
    rows = known.read_rows(db)
    with terminal.progress("read", len(selection.pictures)) as advance:
        cache = HashCache(rows, source.name)
        contents, unreadable = read_contents(selection.pictures, advance, source, cache.content)
    return make_plan(contents, rows, source.name, {picture.filepath for picture in scan.pictures}), unreadable


def apply_plan(
    db: connection, source: PictureSource, plan: Plan, model: ResolvedModel, options: EmbedOptions
) -> Execution | None:
    """Write all but the deletions."""
    write.apply_renames(db, plan, source.name)
    if not plan.work:
        return None
    embed = embed_on_ray if options.ray else embed_locally
    return embed(db, source, plan.work, model, options)


def delete_rows(db: connection, source: PictureSource, plan: Plan, failed: list[SkippedPicture]) -> int:
    """Delete the rows of pictures that are gone or cannot be used any more. Return their number."""
    return write.delete_rows(db, plan.deleted, [picture.filepath for picture in failed], source.name)


def embed_locally(
    db: connection, source: PictureSource, work: list[Work], model: ResolvedModel, options: EmbedOptions
) -> Execution:
    """Embed with this machine's fastest engine."""
    with say_if_slow("Loading the network"):
        from jobs.embed.engine import build_engine
        from jobs.embed.flow import embed_all

        engine = build_engine(model, options)
    log_engine(engine, model)
    return Execution(engine, embed_all(db, source, work, engine))


def embed_on_ray(
    db: connection, source: PictureSource, work: list[Work], model: ResolvedModel, options: EmbedOptions
) -> Execution:
    """Embed on Ray's workers."""
    from jobs.embed.on_ray.flow import embed_all
    from jobs.embed.on_ray.workers import start_workers

    with start_workers(model, options) as workers:
        log_engine(workers, model)
        return Execution(workers, embed_all(db, source, work, workers))


def log_engine(engine: Engine | Workers, model: ResolvedModel) -> None:
    """Print what embeds, and int8's recall."""
    terminal.log(engine.line(model.precision))
    if engine.recall:
        terminal.log(engine.recall.line())


def build_result(selection: Selection, model: ResolvedModel, outcome: Outcome, seconds: float) -> EmbedResult:
    """Put together what the command prints."""
    engine = outcome.execution and outcome.execution.engine
    totals = outcome.execution and outcome.execution.totals
    embedded = totals.embedded if totals else 0
    return EmbedResult(
        found=len(selection.pictures) + len(selection.failed),
        embedded=embedded,
        unchanged=outcome.unchanged,
        renamed=outcome.renamed,
        duplicates=totals.duplicates if totals else 0,
        deleted=outcome.deleted,
        failed=sorted([*selection.failed, *outcome.failed]),
        seconds=seconds,
        images_per_second=round(embedded / seconds, 1),
        device=engine.device if engine else "cpu",
        engine=engine.name if engine else "",
        batch=engine.batch if engine else 0,
        precision=model.precision,
        replaced=model.replaced,
        recall=engine.recall.share if engine and engine.recall else None,
        weights=model.weights.name,
        weights_sha256=model.weights.sha256,
    )
