"""embed: a folder of pictures -> 512-d ResNet18 vectors in a database, the laptop's or another.

Run twice, it embeds only what is new or changed, known by content; killed, it goes on where it was. A file whose size
and times are those that were recorded with its hashes is not read again. torch, which takes seconds to import, is
imported where there is something to embed.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from psycopg2.extensions import connection

from jobs import terminal
from jobs.embed import known, write
from jobs.embed.on_ray.run import require_ray
from jobs.embed.options import EmbedOptions, ResolvedModel, resolve_model
from jobs.embed.plan import HashCache, Work, is_unchanged, make_plan
from jobs.errors import JobError
from jobs.pictures.read import PictureSource, read_contents
from jobs.pictures.scan import Picture, ScanResult, SkippedPicture, find_pictures
from jobs.postgres import schema
from jobs.postgres.connection import open_connection, take_lock
from jobs.target import Target

if TYPE_CHECKING:
    from torch import Tensor

    from jobs.embed.engine import Engine
    from jobs.embed.on_ray.workers import Workers

MAX_PATH, MAX_EMOTION = 255, 50  # characters, as the table has them


@dataclass(kw_only=True)
class EmbedResult:
    """found = embedded + unchanged + renamed + duplicates + len(failed); rows of deleted pictures are `deleted`.

    `engine` is winograd, eager, compiled, openvino or ray, and empty where nothing was to be embedded. `recall`, of
    int8 only, is the share of fp32's 10 nearest pictures that are still found, on a sample of the pictures.
    """

    found: int = 0
    embedded: int = 0
    unchanged: int = 0
    renamed: int = 0
    duplicates: int = 0
    deleted: int = 0
    failed: list[SkippedPicture] = field(default_factory=list)
    seconds: float = 0.0
    images_per_second: float = 0.0
    device: str = "cpu"
    engine: str = ""
    batch: int = 0
    precision: str = ""
    recall: float | None = None
    weights: str = ""
    weights_sha256: str = ""

    def summary(self) -> str:
        counts = f"{self.embedded} embedded, {self.unchanged} unchanged, {self.renamed} renamed"
        counts += f", {self.duplicates} duplicates, {len(self.failed)} failed, {self.deleted} rows deleted"
        how = ", ".join(filter(None, [f"{self.weights} weights", self.precision, self.device, self.engine]))
        lines = [f"{self.found} pictures: {counts}"]
        lines += [f"  {failed.filepath}: {failed.reason}" for failed in self.failed]
        return "\n".join([*lines, f"{self.seconds:.1f} s, {self.images_per_second:.0f} pictures/s ({how})"])


def embed_pictures(pictures: Path | Target, source: str, wish: EmbedOptions, limit: int | None = None) -> EmbedResult:
    """Make the table at `source` (a libpq URL) hold the pictures of a folder, or at least the first `limit`.

    Of a target, it is those that `upload` brought to its container.
    """
    started = time.perf_counter()
    if wish.ray:
        require_ray()
    everything, origin = scan_source(pictures)
    with open_connection(source) as db:
        schema.upgrade_schema(db)
        take_lock(db, "embed")
        result = embed_into(db, everything, origin, wish, limit)
    result.failed.sort()
    result.seconds = round(time.perf_counter() - started, 3)
    result.images_per_second = round(result.embedded / result.seconds, 1)
    return result


def scan_source(pictures: Path | Target) -> tuple[ScanResult, PictureSource]:
    if isinstance(pictures, Target):
        from jobs.embed import from_blob

        return from_blob.scan_container(pictures)
    found = find_pictures(pictures)
    return found, PictureSource(str(found.folder))


def embed_into(
    db: connection, everything: ScanResult, origin: PictureSource, wish: EmbedOptions, limit: int | None
) -> EmbedResult:
    """The run itself, on a database that is locked for it."""
    found, folder = take_first(everything, limit), origin.name
    result = EmbedResult(found=len(found.pictures) + len(found.failed), failed=[*found.failed])
    fitting = drop_too_long(found.pictures, result.failed)
    chosen = resolve_model(db, wish, lambda count: sample_pictures(origin, fitting, count))
    result.precision, result.weights, result.weights_sha256 = (
        chosen.precision,
        chosen.weights.name,
        chosen.weights.sha256,
    )
    if is_unchanged(fitting, known.read_stats(db, folder)):
        result.unchanged = len(fitting)
        return result
    rows = known.read_rows(db)
    with terminal.progress("read", len(fitting)) as advance:
        readable, unreadable = read_contents(fitting, advance, origin, HashCache(rows, folder).content)
    result.failed += unreadable
    todo = make_plan(readable, rows, folder, {picture.filepath for picture in everything.pictures})
    result.unchanged, result.renamed = len(todo.unchanged) + len(todo.reassigned), len(todo.renamed)
    write.apply_renames(db, todo, folder)
    if todo.work:
        embed_new(db, origin, todo.work, (chosen, wish), result)
    if limit is None:
        result.deleted = write.delete_rows(db, todo.deleted, [failed.filepath for failed in result.failed], folder)
    return result


def embed_new(
    db: connection,
    origin: PictureSource,
    work: list[Work],
    how: tuple[ResolvedModel, EmbedOptions],
    result: EmbedResult,
) -> None:
    """Embed what is new or changed, with what is fastest here for so much, or on Ray's workers."""
    chosen, wish = how
    if wish.ray:
        from jobs.embed.on_ray.flow import embed_all
        from jobs.embed.on_ray.workers import start_workers

        with start_workers(chosen, wish) as there:
            report_engine(there, chosen, result)
            totals = embed_all(db, origin, work, there)
    else:
        from jobs.embed import flow
        from jobs.embed.engine import build_engine

        here = build_engine(chosen, wish, sum(not item.copy for item in work))
        report_engine(here, chosen, result)
        totals = flow.embed_all(db, origin, work, here)
    result.embedded, result.duplicates = totals.embedded, totals.duplicates
    result.failed += totals.failed


def report_engine(made: Engine | Workers, chosen: ResolvedModel, result: EmbedResult) -> None:
    """What embeds, for the person and for the result."""
    terminal.log(made.line(chosen.precision))
    if made.recall:
        result.recall = made.recall.share
        terminal.log(made.recall.line())
    result.device, result.engine, result.batch = made.device, made.name, made.batch


def sample_pictures(origin: PictureSource, pictures: list[Picture], count: int) -> Tensor:
    """Crops of at most `count` pictures from all over the list, to calibrate on.

    Raises Failure when none of them can be read.
    """
    from jobs.embed import flow

    grey = flow.read_sample(pictures, count, origin.read)
    if not len(grey):
        raise JobError("None of the pictures can be read: give a folder with whole JPEG or PNG files.")
    return grey


def take_first(found: ScanResult, limit: int | None) -> ScanResult:
    """The first `limit` of all picture files by path, usable or not."""
    if limit is None:
        return found
    names: list[Picture | SkippedPicture] = [*found.pictures, *found.failed]
    cut = sorted(names, key=lambda item: item.filepath)[:limit]
    usable = [item for item in cut if isinstance(item, Picture)]
    return ScanResult(found.folder, usable, [item for item in cut if isinstance(item, SkippedPicture)])


def drop_too_long(pictures: list[Picture], failed: list[SkippedPicture]) -> list[Picture]:
    """Those whose path the table can take; the others go to `failed`."""
    fitting = []
    for picture in pictures:
        reason = length_problem(picture)
        if reason:
            failed.append(SkippedPicture(picture.filepath, reason))
        else:
            fitting.append(picture)
    return fitting


def length_problem(picture: Picture) -> str | None:
    """Why the table cannot take this path, or None."""
    if len(picture.filepath) > MAX_PATH:
        return f"its path has {len(picture.filepath)} characters, the table takes {MAX_PATH}"
    if len(picture.emotion) > MAX_EMOTION:
        return f"its emotion has {len(picture.emotion)} characters, the table takes {MAX_EMOTION}"
    return None
