"""Pictures from a target's container instead of a folder: those that `upload` copied there, with the same paths."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from azure.core.exceptions import ResourceNotFoundError
from azure.storage.blob import BlobProperties, ContainerClient

from jobs.errors import ErrorKind, JobError
from jobs.pictures.names import is_junk_path, is_picture, name_problem
from jobs.pictures.read import MAX_BYTES, PictureSource, UnreadableError
from jobs.pictures.scan import FileStat, Picture, ScanResult, SkippedPicture, to_scan_result
from jobs.storage.client import list_files, pictures_container, translate_storage_errors
from jobs.target import Target

SPLIT = "train"
PREFIX = f"{SPLIT}/"
CONCURRENCY = 16  # downloads; with a latency of some ms they give more pictures than a processor embeds


@dataclass(frozen=True)
class BlobReader:
    """Reads pictures from a target's container, on this machine or, pickled, on a Ray worker."""

    target: Target

    def __call__(self, picture: Picture) -> bytes:
        """Return all bytes of a picture. Raises UnreadableError, or JobError if the service refuses."""
        if picture.stat and picture.stat.size > MAX_BYTES:
            raise UnreadableError(f"it is larger than {MAX_BYTES // 2**20} MiB")
        client = container(self.target)
        with translate_storage_errors(client):
            try:
                return client.download_blob(str(picture.location)).readall()
            except ResourceNotFoundError as error:
                raise UnreadableError("it was deleted while this command ran") from error


@lru_cache(maxsize=1)
def container(target: Target) -> ContainerClient:
    """Return one client, and its connections, for all pictures that a process reads."""
    return pictures_container(target)


def scan_container(target: Target) -> tuple[ScanResult, PictureSource]:
    """List the pictures below train/. Raises JobError if there is none, or if the service refuses."""
    client = container(target)
    url = f"{client.url}/{SPLIT}"
    with translate_storage_errors(client):
        scan = to_scan_result(url, iterate_container(client))
    if not (scan.pictures or scan.failed):
        raise JobError(f"There is no picture in {url}: run `python -m jobs upload DIR` first.", ErrorKind.not_found)
    return scan, PictureSource(url, BlobReader(target), CONCURRENCY)


def iterate_container(client: ContainerClient) -> Iterator[Picture | SkippedPicture]:
    """Yield the picture files in the container's order, with the same checks of their names as in a folder."""
    for blob in list_files(client, PREFIX):
        name = blob.name.removeprefix(PREFIX)
        if is_picture(name) and not is_junk_path(name):
            reason = name_problem(name)
            yield SkippedPicture(name, reason) if reason else Picture(name, blob.name, blob_stat(blob))


def blob_stat(blob: BlobProperties) -> FileStat:
    """Return what shows that a blob has not changed. Each write changes its ETag, so a blob is never racily clean."""
    etag = hashlib.sha256(blob.etag.encode()).digest()
    written_ns = int(blob.last_modified.timestamp()) * 1_000_000_000
    return FileStat(blob.size, written_ns, int.from_bytes(etag[:8], "big") >> 1)
