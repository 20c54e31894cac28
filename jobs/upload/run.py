"""upload: pictures -> Blob Storage, as train/<emotion>/<name>. What is there and equal is skipped.

Nothing is remembered: each run compares with what the container lists, so a killed one goes on where it was. Memory
does not grow with the number of pictures: files are found as it goes, and the listing lies on disk.
"""

import hashlib
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from azure.storage.blob import ContainerClient

from jobs import terminal
from jobs.pictures.read import Unreadable, file_bytes
from jobs.pictures.scan import Failed, Picture, walk
from jobs.storage import client as blobs
from jobs.storage.client import Blob
from jobs.terminal import Advance
from jobs.upload.concurrency import Connections
from jobs.upload.listing import Listed

PREFIX = "train/"
WINDOW = 256  # pictures handed to the connections at a time
MAX_NAME = 1024


@dataclass(kw_only=True)
class Result:
    """`bytes` were uploaded; `pruned` blobs were removed because the folder has no such picture.

    `connections` is how many at once turned out to be worth it.
    """

    uploaded: int = 0
    skipped: int = 0
    pruned: int = 0
    failed: list[Failed] = field(default_factory=list)
    bytes: int = 0
    connections: int = 0
    seconds: float = 0.0

    def summary(self) -> str:
        size = f"{self.bytes / 1e6:.1f} MB, {self.seconds:.1f} s, {self.connections} connections"
        counts = f"{self.uploaded} uploaded, {self.skipped} there already, {self.pruned} pruned"
        lines = [f"{counts}, {len(self.failed)} failed ({size})"]
        return "\n".join(lines + [f"  {failed.filepath}: {failed.reason}" for failed in self.failed])


def run(directory: Path, container: ContainerClient, prune: bool = False) -> Result:
    """Upload what `embed` finds below the folder, pictures that cannot be decoded too.

    `prune` removes the blobs below train/ that the folder does not have.
    """
    started = time.perf_counter()
    total = sum(1 for _ in walk(directory))
    with (
        blobs.reached(container),
        Listed(blobs.listing(container, PREFIX)) as there,
        terminal.progress("upload", total) as advance,
    ):
        result = upload_all(container, walk(directory), there, advance)
        if prune:
            result.pruned = remove(container, there.rest())
    result.failed.sort()
    result.seconds = round(time.perf_counter() - started, 3)
    return result


def upload_all(
    container: ContainerClient, pictures: Iterable[Picture | Failed], there: Listed, advance: Advance
) -> Result:
    """Upload every picture that is not there; each is taken out of `there`."""
    result, connections = Result(), Connections()
    for window in windows(pictures):
        usable = [(each, there.take(PREFIX + each.filepath)) for each in window if isinstance(each, Picture)]
        started, before = time.perf_counter(), result.uploaded
        with ThreadPoolExecutor(connections.number) as pool:
            for size in pool.map(lambda pair: upload(container, *pair), usable):
                count(result, size)
                advance(1)
        connections.measured(result.uploaded - before, time.perf_counter() - started)
        for each in window:
            if isinstance(each, Failed):
                count(result, each)
                advance(1)
    result.connections = connections.number
    return result


def upload(container: ContainerClient, picture: Picture, there: Blob | None) -> int | Failed | None:
    """The bytes uploaded, None where an equal blob is there, or why it failed."""
    name = PREFIX + picture.filepath
    if len(name) > MAX_NAME:
        return Failed(picture.filepath, f"Blob Storage takes names of {MAX_NAME} characters")
    try:
        data = file_bytes(picture.path)
    except Unreadable as error:
        return Failed(picture.filepath, str(error))
    if there and (there.size, there.md5) == (len(data), hashlib.md5(data, usedforsecurity=False).digest()):
        return None
    blobs.put(container, name, data)
    return len(data)


def count(result: Result, uploaded: int | Failed | None) -> None:
    if isinstance(uploaded, Failed):
        result.failed.append(uploaded)
    elif uploaded is None:
        result.skipped += 1
    else:
        result.uploaded += 1
        result.bytes += uploaded


def remove(container: ContainerClient, names: Iterable[str]) -> int:
    """Delete blobs; how many."""
    removed = 0
    for name in names:
        container.delete_blob(name)
        removed += 1
    return removed


def windows(pictures: Iterable[Picture | Failed]) -> Iterator[list[Picture | Failed]]:
    rest = iter(pictures)
    while window := list(islice(rest, WINDOW)):
        yield window
