"""New pictures to rows: files are read, vectors computed and rows written at the same time, each in its own threads.

Ids follow the order of the work, and each transaction holds whole batches: a run that was killed and taken up again
gives the same ids as one that was not, and batches alike.
"""

import os
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import TypeAlias, TypeVar

import torch
from psycopg2.extensions import connection
from torch import Tensor

from jobs import terminal
from jobs.embed import write
from jobs.embed.bounded_map import bounded_map
from jobs.embed.engine import Engine
from jobs.embed.plan import Work
from jobs.embed.prepare import crops
from jobs.pictures.read import Content, PictureSource, Reader, UnreadableError, hash_content, read_picture, read_pixels
from jobs.pictures.scan import Picture, SkippedPicture
from jobs.postgres.copy import Vector

CHUNK_VECTORS, CHUNK_ROWS = 256, 2048  # a transaction: whole batches, so that a run taken up again batches alike
GROUP_ROWS = 256  # given to the engine at once, however few pictures there are among copies
SLICE = 32  # files read at once: a crop takes 50 KB, so that those read ahead take a few MB
READERS = 4  # that a GPU's network keeps busy
CORES_A_READER = 16  # one reads 2,000 pictures/s; a core embeds 50 in fp32 and 100 in int8

A = TypeVar("A")  # a crop, or where somebody else embeds, a vector
Read: TypeAlias = tuple[Work, A | UnreadableError | None]
Usable: TypeAlias = tuple[Work, A | None]
Made: TypeAlias = tuple[Work, Vector | None]


class Totals:
    """What was written and what could not be, so far."""

    def __init__(self) -> None:
        self.embedded = self.duplicates = 0
        self.failed: list[SkippedPicture] = []


def embed_all(db: connection, origin: PictureSource, work: list[Work], engine: Engine) -> Totals:
    """Write a row for each piece of work that can be read, a chunk a transaction."""
    totals = Totals()
    torch.get_num_threads()  # settles this thread's number before others set theirs
    busy = 1 + engine.threads // CORES_A_READER if engine.device == "cpu" else min(READERS, os.cpu_count() or 1)
    readers = ThreadPoolExecutor(max(busy, origin.concurrency), "read", init_reader_thread)
    with terminal.progress("embed", len(work)) as advance, readers:
        read = bounded_map(
            readers, partial(read_slice, origin), split_slices(work), depth=max(2 * READERS, origin.concurrency)
        )
        store_all(
            db,
            origin,
            embed_groups(split_groups(drop_unreadable(read, totals, advance), engine.group), engine, advance),
            totals,
        )
    return totals


def store_all(db: connection, origin: PictureSource, made: Iterator[list[Made]], totals: Totals) -> None:
    """Write rows, and count them, while the next are made."""
    writing: Future[None] | None = None
    with ThreadPoolExecutor(1, "write") as writer:
        for chunk in split_chunks(made):
            if writing:
                writing.result()
            writing = writer.submit(write.store_chunk, db, chunk, origin.name)
            copies = sum(item.copy for item, _ in chunk)
            totals.duplicates += copies
            totals.embedded += len(chunk) - copies
        if writing:
            writing.result()


def init_reader_thread() -> None:
    """Readers compute little: a second thread each would take the processor from the network."""
    torch.set_num_threads(1)


def split_slices(work: list[Work]) -> Iterator[list[Work]]:
    for start in range(0, len(work), SLICE):
        yield work[start : start + SLICE]


def read_slice(origin: PictureSource, work: list[Work]) -> list[Read[Tensor]]:
    return [(item, None if item.copy else read_crop(origin, item.content)) for item in work]


def read_crop(origin: PictureSource, known: Content) -> Tensor | UnreadableError:
    """The picture as the network takes it, (1, 224, 224) uint8; Unreadable where the file is another by now."""
    try:
        data = origin.read(known.picture)
        if hash_content(known.picture, data) != known:
            return UnreadableError("it was changed while it was read: run the same command again")
        return crops([read_pixels(data)])
    except UnreadableError as error:
        return error


def drop_unreadable(read: Iterator[list[Read[A]]], totals: Totals, advance: terminal.Advance) -> Iterator[Usable[A]]:
    """What can be written, copies without pixels; what cannot be decoded, and its copies, goes to `failed`."""
    broken: dict[bytes, UnreadableError] = {}
    for items in read:
        for item, found in items:
            sha256 = item.content.sha256
            problem = broken.get(sha256) if item.copy else found
            if isinstance(problem, UnreadableError):
                broken[sha256] = problem
                totals.failed.append(SkippedPicture(item.content.picture.filepath, str(problem)))
                advance(1)
            else:
                yield item, problem


def split_groups(items: Iterator[Usable[A]], size: int) -> Iterator[list[Usable[A]]]:
    """Bring `size` pictures together for the network, copies among them left where they stand."""
    group: list[Usable[A]] = []
    pictures = 0
    for item in items:
        group.append(item)
        pictures += item[1] is not None
        if pictures == size or len(group) >= max(GROUP_ROWS, size):
            yield group
            group, pictures = [], 0
    if group:
        yield group


def embed_groups(
    found: Iterator[list[Usable[Tensor]]], engine: Engine, advance: terminal.Advance
) -> Iterator[list[Made]]:
    """Each group with its vectors, in order, made in the engine's streams while the next are read."""

    def made(group: list[Usable[Tensor]]) -> list[Made]:
        pictures = [crop for _, crop in group if crop is not None]
        vectors: Iterator[Vector] = iter(engine.embed(torch.cat(pictures)) if pictures else [])
        return [(item, None if crop is None else next(vectors)) for item, crop in group]

    share = engine.threads // engine.streams
    with ThreadPoolExecutor(engine.streams, "embed", partial(torch.set_num_threads, share)) as pool:
        for group in bounded_map(pool, made, found, depth=engine.streams):
            yield group
            advance(len(group))


def split_chunks(made: Iterator[list[Made]]) -> Iterator[list[Made]]:
    """Bring rows together for a transaction."""
    chunk: list[Made] = []
    for group in made:
        chunk += group
        if len(chunk) >= CHUNK_ROWS or sum(not item.copy for item, _ in chunk) >= CHUNK_VECTORS:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def read_sample(pictures: list[Picture], count: int, read: Reader = read_picture) -> Tensor:
    """Crops of at most `count` pictures from all over the list, to calibrate on: (n, 224, 224) uint8, n may be 0."""
    step = max(1, len(pictures) // count)
    spread = pictures[::step]
    rest = [picture for place, picture in enumerate(pictures) if place % step]
    found: list[Tensor] = []
    for picture in [*spread, *rest]:
        if len(found) == count:
            break
        try:
            found.append(crops([read_pixels(read(picture))]))
        except UnreadableError:
            continue  # told when it is embedded
    return torch.cat(found) if found else torch.empty(0, 224, 224, dtype=torch.uint8)
