"""upload: copy pictures to Blob Storage, as train/<emotion>/<name>. Those that are there already and equal are skipped.

Each run compares with the container's listing, so a run that was killed goes on where it stopped. Memory does not grow
with the number of pictures: the folder is scanned while uploading, and the listing is on disk.
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
from jobs.local.emulator import save_written
from jobs.notice import say_if_slow
from jobs.pictures.locate import PicturesFolder
from jobs.pictures.read import UnreadableError, read_file
from jobs.pictures.scan import FolderScan, Picture, SkippedPicture
from jobs.pictures.summary import emotion_lines, failure_lines, nothing_usable, passed_over_lines
from jobs.storage.client import Blob, list_blobs, translate_storage_errors, upload_blob
from jobs.terminal import Advance
from jobs.upload.concurrency import AdaptiveConcurrency
from jobs.upload.listing import BlobListing
from jobs.upload.other_folders import check_other_folders, read_folders, record_folders

PREFIX = "train/"
WINDOW_PICTURES = 256  # pictures uploaded before the number of connections may change
MAX_NAME_LENGTH = 1024


@dataclass(kw_only=True)
class UploadResult:
    """`bytes` were uploaded; `pruned` blobs were deleted because the folder has no such picture.

    `connections` is how many were used at once in the end. `emotions` counts what the container has now of `folder`,
    `passed_over` its picture files of other formats by suffix.
    """

    uploaded: int = 0
    skipped: int = 0
    pruned: int = 0
    failed: list[SkippedPicture] = field(default_factory=list)
    bytes: int = 0
    connections: int = 0
    seconds: float = 0.0
    folder: str = ""
    emotions: dict[str, int] = field(default_factory=dict)
    passed_over: dict[str, int] = field(default_factory=dict)

    def summary(self) -> str:
        size = f"{self.bytes / 1e6:.1f} MB, {self.seconds:.1f} s, {self.connections} connections"
        counts = f"{self.uploaded} uploaded, {self.skipped} there already, {self.pruned} pruned"
        lines = [f"{counts}, {len(self.failed)} failed ({size})"]
        lines += emotion_lines(self.emotions) + passed_over_lines(self.passed_over)
        return "\n".join(lines + failure_lines(self.failed))


def upload_pictures(
    directory: Path | PicturesFolder, container: ContainerClient, prune: bool = False, replace: bool = False
) -> UploadResult:
    """Upload every picture file that `embed` finds in the folder, also those that cannot be decoded.

    `prune` deletes the blobs below train/ that the folder does not have: with a prefix, only those of that prefix.
    `replace` allows to replace pictures of another folder. Raises JobError, also if not one picture can be opened.
    """
    started = time.perf_counter()
    scan = FolderScan(directory)
    with say_if_slow(f"Looking for pictures in {directory}"):
        total = sum(1 for _ in scan.files())
    with (
        translate_storage_errors(container),
        BlobListing(list_blobs(container, PREFIX)) as listing,
        terminal.progress("upload", total) as advance,
    ):
        claim_paths(scan, container.url, listing, replace)
        result = upload_all(container, scan.files(), listing, advance)
        result.failed.sort()
        if not result.uploaded + result.skipped:
            raise nothing_usable(str(scan.folder), result.failed)
        if prune:
            result.pruned = delete_blobs(container, prunable(scan, listing.remaining()))
        save_written(container.url)
    result.folder, result.passed_over = str(scan.folder), dict(scan.passed_over)
    result.emotions = dict(sorted(result.emotions.items()))
    result.seconds = round(time.perf_counter() - started, 3)
    return result


def claim_paths(scan: FolderScan, url: str, listing: BlobListing, replace: bool) -> None:
    """Record that a folder was uploaded. Raises JobError if it would replace pictures of others that were."""
    own = (str(scan.folder), scan.named.prefix or "")
    recorded = [] if listing.is_empty() else read_folders(url)  # a new container may have the URL of an older one
    others = [each for each in recorded if each != own]
    if others and own not in recorded and not replace:
        check_other_folders(scan, [folder for folder, _ in others], listing, PREFIX)
    record_folders(url, [*others, own])


def prunable(scan: FolderScan, names: Iterable[str]) -> Iterator[str]:
    """Yield the names of blobs that are certainly not in the folder: not those below a folder that was not listed."""
    unlisted, prefix = tuple(scan.unlisted), scan.named.prefix
    for name in names:
        path = name.removeprefix(PREFIX)
        if not path.startswith(unlisted) and prefix in (None, path.partition("/")[2].partition("/")[0]):
            yield name


def upload_all(
    container: ContainerClient, pictures: Iterable[Picture | SkippedPicture], listing: BlobListing, advance: Advance
) -> UploadResult:
    """Upload every picture that the listing does not have. Pops each one from the listing."""
    result, connections = UploadResult(), AdaptiveConcurrency()
    for window in split_windows(pictures):
        usable = [(each, listing.pop(PREFIX + each.filepath)) for each in window if isinstance(each, Picture)]
        started, before = time.perf_counter(), result.uploaded
        with ThreadPoolExecutor(connections.number) as pool:
            outcomes = pool.map(lambda pair: upload_picture(container, *pair), usable)
            for (picture, _), outcome in zip(usable, outcomes, strict=True):
                add_outcome(result, outcome)
                if not isinstance(outcome, SkippedPicture):
                    result.emotions[picture.emotion] = result.emotions.get(picture.emotion, 0) + 1
                advance(1)
        connections.record(result.uploaded - before, time.perf_counter() - started)
        for each in window:
            if isinstance(each, SkippedPicture):
                listing.pop(PREFIX + each.filepath)  # it is in the folder: not to be pruned
                add_outcome(result, each)
                advance(1)
    result.connections = connections.number
    return result


def upload_picture(container: ContainerClient, picture: Picture, existing: Blob | None) -> int | SkippedPicture | None:
    """Upload one picture: returns its bytes, None if an equal blob exists, or why it failed."""
    name = PREFIX + picture.filepath
    if len(name) > MAX_NAME_LENGTH:
        return SkippedPicture(picture.filepath, f"Blob Storage allows names of up to {MAX_NAME_LENGTH} characters")
    try:
        data = read_file(picture.path)
    except UnreadableError as error:
        return SkippedPicture(picture.filepath, str(error))
    if existing and (existing.size, existing.md5) == (len(data), hashlib.md5(data, usedforsecurity=False).digest()):
        return None
    upload_blob(container, name, data)
    return len(data)


def add_outcome(result: UploadResult, uploaded: int | SkippedPicture | None) -> None:
    """Count what upload_picture returned."""
    if isinstance(uploaded, SkippedPicture):
        result.failed.append(uploaded)
    elif uploaded is None:
        result.skipped += 1
    else:
        result.uploaded += 1
        result.bytes += uploaded


def delete_blobs(container: ContainerClient, names: Iterable[str]) -> int:
    """Delete blobs; returns how many."""
    deleted = 0
    for name in names:
        container.delete_blob(name)
        deleted += 1
    return deleted


def split_windows(pictures: Iterable[Picture | SkippedPicture]) -> Iterator[list[Picture | SkippedPicture]]:
    """WINDOW_PICTURES at a time."""
    rest = iter(pictures)
    while window := list(islice(rest, WINDOW_PICTURES)):
        yield window
