"""Copy files from a folder of one container to a folder of another, several side by side."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from typing import Any

from azure.storage.blob import ContainerClient

from jobs.errors import JobError
from jobs.pipeline.local_runner.attempts import Attempt
from jobs.pipeline.local_runner.copy_file import (
    CopiedFile,
    InconsistentFileError,
    MissingFileError,
    Transfer,
    copy_file,
)
from jobs.pipeline.local_runner.datasets import Files
from jobs.pipeline.local_runner.file_names import is_wanted, sink_name
from jobs.pipeline.local_runner.metrics import CopyMetrics, Stopwatch
from jobs.progress import Meter
from jobs.storage.client import list_blobs, translate_storage_errors

MOST_AT_ONCE = 8  # Azurite works in one thread: more clients only wait for each other
AT_ONCE = 4  # where the pipeline says nothing


@dataclass(frozen=True)
class FileCopy:
    """`wildcard` is for the files' names; `flat` gives files new names in one folder; `at_once` is parallelCopies.

    `skip_missing` and `skip_inconsistent` hold only among many files, not where the source is one file.
    """

    source: Files
    sink: Files
    recursive: bool
    wildcard: str | None
    flat: bool
    at_once: int
    validate: bool
    skip_missing: bool
    skip_inconsistent: bool

    @property
    def one_file(self) -> bool:
        return self.source.file is not None and self.wildcard is None

    @property
    def verified(self) -> bool:
        """Data Factory verifies files only where they keep their paths."""
        return self.validate and not self.flat


@dataclass
class Counts:
    """What has happened to the files so far."""

    moved: list[CopiedFile]
    missing: int = 0
    inconsistent: int = 0


def copy_files(copy: FileCopy, attempt: Attempt) -> dict[str, Any]:
    """Copy, and give out Data Factory's keys. Raises Failure; files that were copied before it stay, each whole."""
    clock = Stopwatch()
    workers = min(copy.at_once, MOST_AT_ONCE)
    with copy.source.opened() as source, copy.sink.opened() as sink:
        with translate_storage_errors(source):
            chosen = dict(names(copy, source))
        transfer = Transfer(source, sink, copy.verified, attempt)
        tally = copy_all(copy, transfer, chosen, workers)
        if copy.verified:
            check_sizes(copy.sink, sink, tally.moved)
    size = sum(moved.size for moved in tally.moved)
    skipped = tally.missing + tally.inconsistent
    volume = CopyMetrics(size, size, workers, len(tally.moved), files_read=len(chosen), files_skipped=skipped)
    return clock.output(volume, consistency(copy, tally) if copy.validate else None)


def names(copy: FileCopy, source: ContainerClient) -> Iterator[tuple[str, str]]:
    """(path in the source, path in the sink) of each file to copy."""
    if copy.one_file:
        below = str(copy.source.file)
        path = copy.source.path(below)
        yield path, copy.sink.path(sink_name(path, below, copy.flat))
        return
    folder = copy.source.path("")
    for blob in list_blobs(source, folder):
        below = blob.name.removeprefix(folder)
        if is_wanted(below, copy.recursive, copy.wildcard):
            yield blob.name, copy.sink.path(sink_name(blob.name, below, copy.flat))


def copy_all(copy: FileCopy, transfer: Transfer, chosen: dict[str, str], workers: int) -> Counts:
    """Copy every chosen file. Raises the first Failure that is not to be skipped, when the files under way are done."""
    tally, meter = Counts([]), Meter(transfer.attempt.say, "files", len(chosen))
    with ThreadPoolExecutor(workers) as pool:
        try:
            for future in as_completed([pool.submit(copy_file, transfer, *pair) for pair in chosen.items()]):
                try:
                    tally.moved.append(future.result())
                except MissingFileError:
                    if copy.one_file or not copy.skip_missing:
                        raise
                    tally.missing += 1
                except InconsistentFileError:
                    if copy.one_file or not copy.skip_inconsistent:
                        raise
                    tally.inconsistent += 1
                meter.advance(1)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return tally


def check_sizes(place: Files, sink: ContainerClient, moved: list[CopiedFile]) -> None:
    """Raise Failure unless each copied file lies in the sink with the size and MD5 it was written with."""
    with translate_storage_errors(sink):
        there = {blob.name: blob for blob in list_blobs(sink, place.path(""))}
    for each in moved:
        found = there.get(each.name)
        if found is None or (found.size, found.md5) != (each.size, each.md5):
            raise JobError(
                f"{each.name} in {sink.container_name} is not what was written there: run the pipeline again."
            )


def consistency(copy: FileCopy, tally: Counts) -> dict[str, str]:
    result = "Verified" if copy.verified else "Unsupported"
    return {"VerificationResult": result, "InconsistentData": "Skipped" if tally.inconsistent else "None"}
