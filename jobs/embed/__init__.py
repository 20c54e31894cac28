"""embed: a folder of pictures -> 512-d ResNet18 vectors in a database, the laptop's or another.

Run twice, it embeds only what is new or changed, known by content; killed, it goes on where it was.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from psycopg2.extensions import connection
from torch import Tensor

from jobs import schema, terminal
from jobs.binary_copy import Vector
from jobs.contents import Unreadable, content, contents, file_bytes, pixels
from jobs.embed import write
from jobs.embed.choose import Wish, choose
from jobs.embed.model import BATCH, Embedder, embedder
from jobs.embed.plan import Work, make_plan
from jobs.embed.prepare import crops
from jobs.embed.weights import CALIBRATION_PICTURES
from jobs.failure import Failure
from jobs.pictures import Failed, Found, Picture, find
from jobs.postgres import connected, lock

MAX_PATH, MAX_EMOTION = 255, 50  # characters, as the table has them
CHUNK_VECTORS, CHUNK_ROWS = 256, 2048  # a transaction: whole batches, so that a run taken up again batches alike
GROUP_ROWS = 256

Grey: TypeAlias = NDArray[np.uint8]


@dataclass(kw_only=True)
class Result:
    """found = embedded + unchanged + renamed + duplicates + len(failed); rows of deleted pictures are `deleted`."""

    found: int = 0
    embedded: int = 0
    unchanged: int = 0
    renamed: int = 0
    duplicates: int = 0
    deleted: int = 0
    failed: list[Failed] = field(default_factory=list)
    seconds: float = 0.0
    images_per_second: float = 0.0
    device: str = "cpu"
    precision: str = ""
    weights: str = ""
    weights_sha256: str = ""

    def summary(self) -> str:
        counts = f"{self.embedded} embedded, {self.unchanged} unchanged, {self.renamed} renamed"
        counts += f", {self.duplicates} duplicates, {len(self.failed)} failed, {self.deleted} rows deleted"
        how = f"{self.weights} weights, {self.precision}, {self.device}"
        lines = [f"{self.found} pictures: {counts}"]
        lines += [f"  {failed.filepath}: {failed.reason}" for failed in self.failed]
        return "\n".join([*lines, f"{self.seconds:.1f} s, {self.images_per_second:.0f} pictures/s ({how})"])


def run(directory: Path, source: str, wish: Wish, limit: int | None = None) -> Result:
    """Make the table at `source` (a libpq URL) hold the pictures below `directory`, or at least the first `limit`."""
    started = time.perf_counter()
    everything = find(directory)
    with connected(source) as db:
        schema.upgrade(db)
        lock(db, "embed")
        result = embed(db, everything, wish, limit)
    result.failed.sort()
    result.seconds = round(time.perf_counter() - started, 3)
    result.images_per_second = round(result.embedded / result.seconds, 1)
    return result


def embed(db: connection, everything: Found, wish: Wish, limit: int | None) -> Result:
    """The run itself, on a database that is locked for it."""
    found, folder = first(everything, limit), str(everything.folder)
    fitting = [picture for picture in found.pictures if not too_long(picture)]
    result = Result(found=len(found.pictures) + len(found.failed), failed=[*found.failed])
    result.failed += [Failed(p.filepath, reason) for p in found.pictures if (reason := too_long(p))]
    weights, precision = choose(db, wish, lambda: sample(fitting))
    result.precision, result.weights, result.weights_sha256 = precision, weights.name, weights.sha256
    with terminal.progress("read", len(fitting)) as advance:
        known, unreadable = contents(fitting, advance)
    result.failed += unreadable
    todo = make_plan(known, write.rows(db), folder, {picture.filepath for picture in everything.pictures})
    result.unchanged, result.renamed = len(todo.unchanged) + len(todo.adopted), len(todo.renamed)
    write.settle(db, todo, folder)
    if todo.work:
        embed_all(db, folder, todo.work, embedder(weights.file, precision), result)
    if limit is None:
        result.deleted = write.delete(db, todo.gone, [failed.filepath for failed in result.failed], folder)
    return result


def embed_all(db: connection, folder: str, work: list[Work], network: Embedder, result: Result) -> None:
    """Decode, embed and write, a chunk a transaction."""
    chunk: list[tuple[Work, Vector | None]] = []
    with terminal.progress("embed", len(work)) as advance:
        for group in groups(readable(work, result.failed, advance)):
            chunk += vectors(group, network)
            if len(chunk) >= CHUNK_ROWS or sum(not work.copy for work, _ in chunk) >= CHUNK_VECTORS:
                keep(db, chunk, folder, result)
                chunk = []
            advance(len(group))
        if chunk:
            keep(db, chunk, folder, result)


def keep(db: connection, chunk: list[tuple[Work, Vector | None]], folder: str, result: Result) -> None:
    write.store(db, chunk, folder)
    copies = sum(work.copy for work, _ in chunk)
    result.duplicates += copies
    result.embedded += len(chunk) - copies


def readable(work: list[Work], failed: list[Failed], advance: terminal.Advance) -> Iterator[tuple[Work, Grey | None]]:
    """Each piece of work with its pixels, copies without; what cannot be decoded, and its copies, goes to `failed`."""
    broken: dict[bytes, str] = {}
    for item in work:
        sha256 = item.content.sha256
        if item.copy and sha256 not in broken:
            yield item, None
            continue
        try:
            if item.copy:
                raise Unreadable(broken[sha256])
            yield item, decoded(item)
        except Unreadable as error:
            broken[sha256] = str(error)
            failed.append(Failed(item.content.picture.filepath, str(error)))
            advance(1)


def decoded(item: Work) -> Grey:
    """The pixels of the file that was hashed. Raises Unreadable where it is another by now."""
    picture = item.content.picture
    data = file_bytes(picture.path)
    if content(picture, data) != item.content:
        raise Unreadable("it was changed while it was read: run the same command again")
    return pixels(data)


def groups(items: Iterator[tuple[Work, Grey | None]]) -> Iterator[list[tuple[Work, Grey | None]]]:
    """Bring pictures together for one batch of the network, copies among them left where they stand."""
    group: list[tuple[Work, Grey | None]] = []
    pictures = 0
    for item in items:
        group.append(item)
        pictures += item[1] is not None
        if pictures == BATCH or len(group) == GROUP_ROWS:
            yield group
            group, pictures = [], 0
    if group:
        yield group


def vectors(group: list[tuple[Work, Grey | None]], network: Embedder) -> list[tuple[Work, Vector | None]]:
    greys = [grey for _, grey in group if grey is not None]
    made: Iterator[Vector] = iter(network(crops(greys)) if greys else [])
    return [(work, None if grey is None else next(made)) for work, grey in group]


def sample(pictures: list[Picture]) -> Tensor:
    """Crops of pictures from all over the list, to calibrate random weights on: (n, 224, 224) uint8.

    Raises Failure when none of them can be read.
    """
    step = max(1, len(pictures) // CALIBRATION_PICTURES)
    greys: list[Grey] = []
    for picture in [*pictures[::step], *pictures]:
        if len(greys) == CALIBRATION_PICTURES:
            break
        try:
            greys.append(pixels(file_bytes(picture.path)))
        except Unreadable:
            continue  # told when it is embedded
    if not greys:
        raise Failure("None of the pictures can be read: give a folder with whole JPEG or PNG files.")
    return crops(greys)


def first(found: Found, limit: int | None) -> Found:
    """The first `limit` of all picture files by path, usable or not."""
    if limit is None:
        return found
    names: list[Picture | Failed] = [*found.pictures, *found.failed]
    cut = sorted(names, key=lambda item: item.filepath)[:limit]
    usable = [item for item in cut if isinstance(item, Picture)]
    return Found(found.folder, usable, [item for item in cut if isinstance(item, Failed)])


def too_long(picture: Picture) -> str | None:
    """Why the table cannot take this path, or None."""
    if len(picture.filepath) > MAX_PATH:
        return f"its path has {len(picture.filepath)} characters, the table takes {MAX_PATH}"
    if len(picture.emotion) > MAX_EMOTION:
        return f"its emotion has {len(picture.emotion)} characters, the table takes {MAX_EMOTION}"
    return None
