"""Copy files from a folder of one container to a folder of another, several at once."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from typing import Any

from azure.storage.blob import ContainerClient

from jobs.errors import ErrorKind, JobError
from jobs.pipeline.local_runner.attempts import Attempt
from jobs.pipeline.local_runner.copy_file import (
    CopiedFile,
    InconsistentFileError,
    MissingFileError,
    Transfer,
    copy_file,
)
from jobs.pipeline.local_runner.datasets import Files
from jobs.pipeline.local_runner.file_names import is_selected, sink_name
from jobs.pipeline.local_runner.metrics import NOT_VERIFIED, CopyMetrics, Stopwatch
from jobs.progress import Meter
from jobs.storage.client import list_blobs, translate_storage_errors

MAX_PARALLEL_COPIES = 8  # Azurite has one thread: more clients only wait for each other
DEFAULT_PARALLEL_COPIES = 4  # where the activity sets no parallelCopies


@dataclass(frozen=True)
class FileCopy:
    """What to copy, by the activity's properties. `wildcard` selects files by name; `flat` copies to one folder.

    `preserve` keeps content types and metadata.
    `skip_missing` and `skip_inconsistent` apply only to folders, not where the source is a single file.
    """

    source: Files
    sink: Files
    recursive: bool
    wildcard: str | None
    flat: bool
    preserve: bool
    parallel_copies: int
    validate: bool
    skip_missing: bool
    skip_inconsistent: bool

    @property
    def skips(self) -> bool:
        """Whether skipErrorFile is set: only then Data Factory counts the skipped files."""
        return self.skip_missing or self.skip_inconsistent

    @property
    def is_single_file(self) -> bool:
        """Whether the source is one file, not a folder."""
        return self.source.file is not None and self.wildcard is None

    @property
    def verifies(self) -> bool:
        """Whether the copies are verified. Data Factory verifies files only where they keep their paths."""
        return self.validate and not self.flat


@dataclass
class Counts:
    """The files copied so far, and how many were skipped as missing or inconsistent."""

    copied: list[CopiedFile]
    missing: int = 0
    inconsistent: int = 0


def copy_files(copy: FileCopy, attempt: Attempt) -> dict[str, Any]:
    """Copy the files; the output, with Data Factory's keys. After a JobError the files copied so far stay."""
    stopwatch = Stopwatch()
    workers = min(copy.parallel_copies, MAX_PARALLEL_COPIES)
    with copy.source.open_container() as source, copy.sink.open_container() as sink:
        with translate_storage_errors(source):
            names = dict(list_names(copy, source))
        transfer = Transfer(source, sink, copy.verifies, copy.preserve, attempt)
        counts = copy_all(copy, transfer, names, workers)
        if copy.verifies:
            verify_copies(copy.sink, sink, counts.copied)
    size = sum(file.size for file in counts.copied)
    skipped = counts.missing + counts.inconsistent if copy.skips else None
    metrics = CopyMetrics(size, size, workers, len(counts.copied), files_read=len(names), files_skipped=skipped)
    return stopwatch.output(metrics, describe_consistency(copy, counts))


def list_names(copy: FileCopy, source: ContainerClient) -> Iterator[tuple[str, str]]:
    """(name in the source, name in the sink) of each file to copy."""
    if copy.is_single_file:
        relative = str(copy.source.file)
        path = copy.source.blob_name(relative)
        yield path, copy.sink.blob_name(sink_name(path, relative, copy.flat))
        return
    folder = copy.source.blob_name("")
    for blob in list_blobs(source, folder):
        relative = blob.name.removeprefix(folder)
        if is_selected(relative, copy.recursive, copy.wildcard):
            yield blob.name, copy.sink.blob_name(sink_name(blob.name, relative, copy.flat))


def copy_all(copy: FileCopy, transfer: Transfer, names: dict[str, str], workers: int) -> Counts:
    """Copy all files of `names`. Raises the first JobError that is not skipped, once the files in progress are done."""
    counts, meter = Counts([]), Meter(transfer.attempt.log, "files", len(names))
    with ThreadPoolExecutor(workers) as pool:
        try:
            for future in as_completed([pool.submit(copy_file, transfer, *pair) for pair in names.items()]):
                try:
                    counts.copied.append(future.result())
                except MissingFileError:
                    if copy.is_single_file or not copy.skip_missing:
                        raise
                    counts.missing += 1
                except InconsistentFileError:
                    if copy.is_single_file or not copy.skip_inconsistent:
                        raise
                    counts.inconsistent += 1
                meter.advance(1)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return counts


def verify_copies(folder: Files, sink: ContainerClient, copied: list[CopiedFile]) -> None:
    """Raise JobError unless each copied file is in the sink with the size and MD5 that were written."""
    with translate_storage_errors(sink):
        blobs = {blob.name: blob for blob in list_blobs(sink, folder.blob_name(""))}
    for file in copied:
        blob = blobs.get(file.name)
        if blob is None or (blob.size, blob.md5) != (file.size, file.md5):
            raise JobError(
                f"{file.name} in {sink.container_name} is not what was written: run the pipeline again.",
                ErrorKind.conflict,
            )


def describe_consistency(copy: FileCopy, counts: Counts) -> dict[str, str]:
    if not copy.validate:
        return NOT_VERIFIED
    result = "Verified" if copy.verifies else "Unsupported"
    return {"VerificationResult": result, "InconsistentData": "Skipped" if counts.inconsistent else "None"}
