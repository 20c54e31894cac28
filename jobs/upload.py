"""upload: pictures -> Blob Storage, as train/<emotion>/<name>. What is there and equal is skipped.

Nothing is remembered: each run compares with what the container lists, so a killed one goes on where it was.
"""

import hashlib
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from azure.storage.blob import ContainerClient

from jobs import blobs, terminal
from jobs.contents import Unreadable, file_bytes
from jobs.pictures import Failed, Picture, find

PREFIX = "train/"
CONNECTIONS = 8
WINDOW = 512  # pictures handed to the connections at a time: memory stays flat
MAX_NAME = 1024


@dataclass(kw_only=True)
class Result:
    """`bytes` were uploaded; `pruned` blobs were removed because the folder has no such picture."""

    uploaded: int = 0
    skipped: int = 0
    pruned: int = 0
    failed: list[Failed] = field(default_factory=list)
    bytes: int = 0
    seconds: float = 0.0

    def summary(self) -> str:
        size = f"{self.bytes / 1e6:.1f} MB, {self.seconds:.1f} s"
        counts = f"{self.uploaded} uploaded, {self.skipped} there already, {self.pruned} pruned"
        lines = [f"{counts}, {len(self.failed)} failed ({size})"]
        return "\n".join(lines + [f"  {failed.filepath}: {failed.reason}" for failed in self.failed])


def run(directory: Path, container: ContainerClient, prune: bool = False) -> Result:
    """Upload what `embed` finds below the folder, pictures that cannot be decoded too.

    `prune` removes the blobs below train/ that the folder does not have.
    """
    started = time.perf_counter()
    found = find(directory)
    result = Result(failed=[*found.failed])
    with blobs.reached(container):
        there = {blob.name: blob for blob in blobs.listing(container, PREFIX)}
        with terminal.progress("upload", len(found.pictures)) as advance, ThreadPoolExecutor(CONNECTIONS) as pool:
            for window in windows(found.pictures):
                for size in pool.map(lambda picture: upload(container, picture, there), window):
                    count(result, size)
                    advance(1)
        if prune:
            result.pruned = remove(container, there.keys() - {PREFIX + p.filepath for p in found.pictures})
    result.seconds = round(time.perf_counter() - started, 3)
    return result


def upload(container: ContainerClient, picture: Picture, there: dict[str, blobs.Blob]) -> int | Failed | None:
    """The bytes uploaded, None where an equal blob is there, or why it failed."""
    name = PREFIX + picture.filepath
    if len(name) > MAX_NAME:
        return Failed(picture.filepath, f"Blob Storage takes names of {MAX_NAME} characters")
    try:
        data = file_bytes(picture.path)
    except Unreadable as error:
        return Failed(picture.filepath, str(error))
    blob = there.get(name)
    if blob and (blob.size, blob.md5) == (len(data), hashlib.md5(data, usedforsecurity=False).digest()):
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


def remove(container: ContainerClient, names: set[str]) -> int:
    """Delete blobs; how many."""
    for name in sorted(names):
        container.delete_blob(name)
    return len(names)


def windows(pictures: list[Picture]) -> Iterator[list[Picture]]:
    for start in range(0, len(pictures), WINDOW):
        yield pictures[start : start + WINDOW]
