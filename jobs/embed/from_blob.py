"""Pictures of a target's container instead of a folder: what `upload` brought there, under the same paths."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from azure.core.exceptions import ResourceNotFoundError
from azure.storage.blob import BlobProperties, ContainerClient

from jobs.errors import Failure
from jobs.pictures.read import MAX_BYTES, Origin, Unreadable
from jobs.pictures.scan import SPLIT, SUFFIXES, Failed, Found, Picture, Stamp, problem
from jobs.storage import client as blobs
from jobs.target import Target

PREFIX = f"{SPLIT}/"
AT_ONCE = 16  # a service some milliseconds away then gives more pictures than a processor embeds


@dataclass(frozen=True)
class Reader:
    """Reads pictures of a target's container, on this machine or, sent there, on another."""

    target: Target

    def __call__(self, picture: Picture) -> bytes:
        """All bytes of a picture. Raises Unreadable, and Failure where the service refuses."""
        if picture.stamp and picture.stamp.size > MAX_BYTES:
            raise Unreadable(f"it is larger than {MAX_BYTES // 2**20} MiB")
        pictures = container(self.target)
        with blobs.reached(pictures):
            try:
                return pictures.download_blob(str(picture.place)).readall()
            except ResourceNotFoundError as error:
                raise Unreadable("it was deleted meanwhile") from error


@lru_cache(maxsize=1)
def container(target: Target) -> ContainerClient:
    """One client, and its connections, for all pictures that a process reads."""
    return blobs.pictures(target)


def find(target: Target) -> tuple[Found, Origin]:
    """The pictures below train/. Raises Failure when there is none, or the service refuses."""
    pictures = container(target)
    found = Found(f"{pictures.url}/{SPLIT}", [], [])
    with blobs.reached(pictures):
        for each in walk(pictures):
            if isinstance(each, Picture):
                found.pictures.append(each)
            else:
                found.failed.append(each)
    if not (found.pictures or found.failed):
        raise Failure(f"There is no picture in {found.folder}: run `python -m jobs upload DIR` first.")
    found.pictures.sort(key=lambda picture: picture.filepath)
    found.failed.sort()
    return found, Origin(str(found.folder), Reader(target), AT_ONCE)


def walk(pictures: ContainerClient) -> Iterator[Picture | Failed]:
    """The picture files as the container lists them, those whose name the table's rules refuse told apart."""
    for blob in blobs.files(pictures, PREFIX):
        name = blob.name.removeprefix(PREFIX)
        if name.lower().endswith(SUFFIXES):
            reason = problem(name)
            yield Failed(name, reason) if reason else Picture(name, blob.name, stamp(blob))


def stamp(blob: BlobProperties) -> Stamp:
    """By what a blob is known to be as it was. Its ETag is another after each write, so that no stamp is doubtful."""
    etag = hashlib.sha256(blob.etag.encode()).digest()
    written_ns = int(blob.last_modified.timestamp()) * 1_000_000_000
    return Stamp(blob.size, written_ns, int.from_bytes(etag[:8], "big") >> 1)
