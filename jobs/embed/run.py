"""embed: from a folder of pictures to 512-d ResNet18 vectors in a database.

A second run embeds only what is new or changed by content. A run that was killed continues where it was. A file whose
size and times are those recorded with its hashes is not read again. torch takes seconds to import: it is imported only
if there is something to embed.
"""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from psycopg2.extensions import connection

from jobs import terminal
from jobs.embed import known, unreadable, write
from jobs.embed.on_ray.run import require_ray
from jobs.embed.options import EmbedOptions, ResolvedModel, finish_replacement, resolve_model
from jobs.embed.other_folders import check_other_folders, is_still_there
from jobs.embed.outcome import Execution, Outcome, build_result
from jobs.embed.picture_files import source_files
from jobs.embed.plan import HashCache, Plan, Work, is_unchanged, make_plan
from jobs.embed.prepare import read_sample, unreadable_reason
from jobs.embed.result import EmbedResult
from jobs.embed.selection import Selection, select_pictures
from jobs.notice import say_if_slow
from jobs.pictures.locate import PicturesFolder
from jobs.pictures.read import PictureSource, read_contents
from jobs.pictures.scan import ScanResult, SkippedPicture, find_pictures
from jobs.pictures.summary import nothing_usable
from jobs.postgres import schema
from jobs.postgres.connection import acquire_lock, open_connection
from jobs.target import Target

if TYPE_CHECKING:
    from jobs.embed.engine import Engine
    from jobs.embed.on_ray.workers import Workers


def embed_pictures(
    pictures: Path | PicturesFolder | Target, url: str, options: EmbedOptions, limit: int | None = None
) -> EmbedResult:
    """Make the table at `url` (a libpq URL) hold the pictures of a folder, or at least the first `limit` of them.

    For a target, the pictures are those in its container. Raises JobError, also if not one picture can be used.
    """
    started = time.perf_counter()
    if options.ray:
        require_ray()
    scan, source = scan_pictures(pictures)
    selected = select_pictures(scan, limit)
    with open_connection(url) as db:
        schema.upgrade_schema(db)
        acquire_lock(db, "embed")
        selection = unreadable.skip_remembered(db, source.name, selected)
        if not selection.pictures:
            raise nothing_usable(source.name, selection.failed)
        sample = partial(sample_pictures, source, selection)
        model = resolve_model(db, options, sample, source_files(source, selection.pictures))
        if is_unchanged(selection.pictures, known.read_stats(db, source.name)):
            outcome = Outcome(unchanged=len(selection.pictures))
        else:
            plan, unread = plan_run(db, scan, source, selection)
            execution = apply_plan(db, source, plan, model, options)
            failed = [*unread, *(execution.totals.failed if execution else [])]
            all_failed = sorted([*selection.failed, *failed])
            unreadable.remember(db, source.name, selected.pictures, all_failed, complete=limit is None)
            if len(failed) == len(selection.pictures):
                raise nothing_usable(source.name, all_failed)  # and no row is deleted: perhaps a disk is broken
            deleted = delete_rows(db, source, plan, all_failed) if limit is None else 0
            unchanged = len(plan.unchanged) + len(plan.reassigned)
            outcome = Outcome(unchanged, len(plan.renamed), deleted, failed, execution)
        finish_replacement(db, model)
    return build_result(scan, selection, model, outcome, round(time.perf_counter() - started, 3))


def scan_pictures(pictures: Path | PicturesFolder | Target) -> tuple[ScanResult, PictureSource]:
    """List the pictures of a folder, or of a target's container. Raises JobError if there is none."""
    if isinstance(pictures, Target):
        from jobs.embed import from_blob

        return from_blob.scan_container(pictures)
    with say_if_slow(f"Looking for pictures in {pictures}"):
        scan = find_pictures(pictures)
    return scan, PictureSource(str(scan.folder))


def sample_pictures(source: PictureSource, selection: Selection, count: int) -> NDArray[np.uint8]:
    """Prepare up to `count` pictures to calibrate on. Raises JobError if none of them can be read."""
    grey = read_sample(selection.pictures, count, source.read)
    if not len(grey):
        reasons = [SkippedPicture(each.filepath, unreadable_reason(each, source.read)) for each in selection.pictures]
        raise nothing_usable(source.name, sorted([*selection.failed, *reasons]))
    return grey


def plan_run(
    db: connection, scan: ScanResult, source: PictureSource, selection: Selection
) -> tuple[Plan, list[SkippedPicture]]:
    """Hash the pictures that may have changed, and compare them with the table's rows. Changes nothing.

    Also returns the pictures that cannot be read. Raises JobError if they would overwrite rows of another folder.
    """
    rows = known.read_rows(db)
    with terminal.progress("read", len(selection.pictures)) as advance:
        cache = HashCache(rows, source.name)
        contents, unread = read_contents(selection.pictures, advance, source, cache.content)
    check_other_folders(contents, rows, source.name)
    present = {picture.filepath for picture in scan.pictures}
    present.update(row.filepath for row in rows if row.filepath.startswith(tuple(scan.unlisted)))
    return make_plan(contents, rows, source.name, present, is_still_there), unread


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

        engine = build_engine(model, options, len(work))
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
