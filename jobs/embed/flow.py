"""From new pictures to rows: files are read, vectors computed and rows written at the same time, in separate threads.

Ids follow the order of the work, and each transaction holds whole batches. So a run that was killed and started again
gives the same ids as an uninterrupted run, and forms the same batches.
"""

import os
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial

import numpy as np
import torch
from psycopg2.extensions import connection

from jobs import terminal
from jobs.embed import write
from jobs.embed.bounded_map import bounded_map
from jobs.embed.engine import Engine
from jobs.embed.item import Item
from jobs.embed.plan import Work
from jobs.embed.prepare import prepare_picture
from jobs.pictures.read import PictureSource, UnreadableError, hash_content
from jobs.pictures.scan import SkippedPicture
from jobs.postgres.copy import Vector

CHUNK_VECTORS, CHUNK_ROWS = 256, 2048  # of a transaction: whole batches, so that a continued run forms the same ones
GROUP_ROWS = 256  # most rows given to the engine at once, however few of them are not copies
SLICE = 32  # files read in one task: a crop is 50 KB, so those read ahead are a few MB
READERS = 4  # threads that keep a GPU's network busy
CORES_PER_READER = 16  # one thread reads 2,000 pictures/s; a core embeds 50 in fp32 and 100 in int8


class Totals:
    """What has been written so far, and what could not be."""

    def __init__(self) -> None:
        self.embedded = self.duplicates = 0
        self.failed: list[SkippedPicture] = []


def embed_all(db: connection, source: PictureSource, work: list[Work], engine: Engine) -> Totals:
    """Write a row for each piece of work that can be read, one transaction per chunk."""
    totals = Totals()
    torch.get_num_threads()  # fixes this thread's number before other threads set theirs
    busy = 1 + engine.threads // CORES_PER_READER if engine.device == "cpu" else min(READERS, os.cpu_count() or 1)
    readers = ThreadPoolExecutor(max(busy, source.concurrency), "read", init_reader_thread)
    depth = max(2 * READERS, source.concurrency)
    with terminal.progress("embed", len(work)) as advance, readers:
        slices = bounded_map(readers, partial(read_slice, source), split_slices(work), depth)
        groups = split_groups(drop_unreadable(slices, totals, advance), engine.group)
        store_all(db, source, embed_groups(groups, engine, advance), totals)
    return totals


def store_all(db: connection, source: PictureSource, embedded: Iterator[list[Item]], totals: Totals) -> None:
    """Write rows, and count them, while the next ones are computed."""
    writing: Future[None] | None = None
    with ThreadPoolExecutor(1, "write") as writer:
        for chunk in split_chunks(embedded):
            if writing:
                writing.result()
            writing = writer.submit(write.store_chunk, db, chunk, source.name)
            copies = sum(item.work.copy for item in chunk)
            totals.duplicates += copies
            totals.embedded += len(chunk) - copies
        if writing:
            writing.result()


def init_reader_thread() -> None:
    """Limit a reader to one thread of torch: more threads would only take cores from the network."""
    torch.set_num_threads(1)


def split_slices(work: list[Work]) -> Iterator[list[Work]]:
    for start in range(0, len(work), SLICE):
        yield work[start : start + SLICE]


def read_slice(source: PictureSource, works: list[Work]) -> list[Item]:
    return [Item(work) if work.copy else read_item(source, work) for work in works]


def read_item(source: PictureSource, work: Work) -> Item:
    """Read and prepare a picture. The item has an error if that fails, or if the file has changed since it was hashed.

    All pictures are read and hashed before the first is embedded, because the plan needs every hash: which rows are
    renamed, deleted or copies. A new picture is read again here, not kept: decoded, FER2013 would take 1.4 GB, and the
    second read comes from the operating system's cache.
    """
    content = work.content
    try:
        data = source.read(content.picture)
        if hash_content(content.picture, data) != content:
            raise UnreadableError("it was changed while it was read: run the same command again")
        return Item(work, crop=prepare_picture(data))
    except UnreadableError as error:
        return Item(work, error=error)


def drop_unreadable(slices: Iterator[list[Item]], totals: Totals, advance: terminal.Advance) -> Iterator[Item]:
    """Yield what can be written. Pictures that cannot be read, and copies of them, go to `totals.failed`."""
    unreadable: dict[bytes, UnreadableError] = {}
    for items in slices:
        for item in items:
            content = item.work.content
            error = unreadable.get(content.sha256) if item.work.copy else item.error
            if error:
                unreadable[content.sha256] = error
                totals.failed.append(SkippedPicture(content.picture.filepath, str(error)))
                advance(1)
            else:
                yield item


def split_groups(items: Iterator[Item], size: int) -> Iterator[list[Item]]:
    """Collect `size` pictures for the network; copies stay in order between them and do not count."""
    group: list[Item] = []
    pictures = 0
    for item in items:
        group.append(item)
        pictures += not item.work.copy
        if pictures == size or len(group) >= max(GROUP_ROWS, size):
            yield group
            group, pictures = [], 0
    if group:
        yield group


def embed_groups(groups: Iterator[list[Item]], engine: Engine, advance: terminal.Advance) -> Iterator[list[Item]]:
    """Yield each group with its vectors, in order. The engine's streams compute while the next groups are read."""
    threads = engine.threads // engine.streams
    with ThreadPoolExecutor(engine.streams, "embed", partial(torch.set_num_threads, threads)) as pool:
        for group in bounded_map(pool, partial(embed_group, engine), groups, depth=engine.streams):
            yield group
            advance(len(group))


def embed_group(engine: Engine, group: list[Item]) -> list[Item]:
    """Compute the vectors of the items that have a crop."""
    crops = [item.crop for item in group if item.crop is not None]
    vectors: Iterator[Vector] = iter(engine.embed(np.stack(crops)) if crops else [])
    return [item if item.crop is None else Item(item.work, vector=next(vectors)) for item in group]


def split_chunks(groups: Iterator[list[Item]]) -> Iterator[list[Item]]:
    """Collect groups for one transaction."""
    chunk: list[Item] = []
    for group in groups:
        chunk += group
        if len(chunk) >= CHUNK_ROWS or sum(not item.work.copy for item in chunk) >= CHUNK_VECTORS:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
