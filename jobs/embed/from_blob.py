"""Pictures of a target's container instead of a folder: what `upload` brought there, under the same paths."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from azure.core.exceptions import ResourceNotFoundError
from azure.storage.blob import BlobProperties, ContainerClient

from jobs.errors import JobError
from jobs.pictures.read import MAX_BYTES, PictureSource, UnreadableError
from jobs.pictures.scan import SPLIT, SUFFIXES, FileStat, Picture, ScanResult, SkippedPicture, name_problem
from jobs.storage.client import list_files, pictures_container, translate_storage_errors
from jobs.target import Target

PREFIX = f"{SPLIT}/"
AT_ONCE = 16  # a service some milliseconds away then gives more pictures than a processor embeds


@dataclass(frozen=True)
class BlobReader:
    """Reads pictures of a target's container, on this machine or, sent there, on another."""

    target: Target

    def __call__(self, picture: Picture) -> bytes:
        """All bytes of a picture. Raises Unreadable, and Failure where the service refuses."""
        if picture.stat and picture.stat.size > MAX_BYTES:
            raise UnreadableError(f"it is larger than {MAX_BYTES // 2**20} MiB")
        pictures = container(self.target)
        with translate_storage_errors(pictures):
            try:
                return pictures.download_blob(str(picture.location)).readall()
            except ResourceNotFoundError as error:
                raise UnreadableError("it was deleted meanwhile") from error


@lru_cache(maxsize=1)
def container(target: Target) -> ContainerClient:
    """One client, and its connections, for all pictures that a process reads."""
    return pictures_container(target)


def scan_container(target: Target) -> tuple[ScanResult, PictureSource]:
    """The pictures below train/. Raises Failure when there is none, or the service refuses."""
    pictures = container(target)
    found = ScanResult(f"{pictures.url}/{SPLIT}", [], [])
    with translate_storage_errors(pictures):
        for each in iterate_container(pictures):
            if isinstance(each, Picture):
                found.pictures.append(each)
            else:
                found.failed.append(each)
    if not (found.pictures or found.failed):
        raise JobError(f"There is no picture in {found.folder}: run `python -m jobs upload DIR` first.")
    found.pictures.sort(key=lambda picture: picture.filepath)
    found.failed.sort()
    return found, PictureSource(str(found.folder), BlobReader(target), AT_ONCE)


def iterate_container(pictures: ContainerClient) -> Iterator[Picture | SkippedPicture]:
    """The picture files as the container lists them, those whose name the table's rules refuse told apart."""
    for blob in list_files(pictures, PREFIX):
        name = blob.name.removeprefix(PREFIX)
        if name.lower().endswith(SUFFIXES):
            reason = name_problem(name)
            yield SkippedPicture(name, reason) if reason else Picture(name, blob.name, blob_stat(blob))


def blob_stat(blob: BlobProperties) -> FileStat:
    """By what a blob is known to be as it was. Its ETag is another after each write, so that no stamp is doubtful."""
    etag = hashlib.sha256(blob.etag.encode()).digest()
    written_ns = int(blob.last_modified.timestamp()) * 1_000_000_000
    return FileStat(blob.size, written_ns, int.from_bytes(etag[:8], "big") >> 1)
