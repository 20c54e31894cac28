"""Which folders were uploaded to a container from this machine: another one must not overwrite their pictures."""

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path

from jobs.errors import ErrorKind, JobError
from jobs.pictures.read import UnreadableError, read_file
from jobs.pictures.scan import FolderScan, Picture
from jobs.state import state_folder, write_atomically
from jobs.storage.client import Blob
from jobs.upload.listing import BlobListing


def check_other_folders(scan: FolderScan, others: list[str], listing: BlobListing, prefix: str) -> None:
    """Raise JobError if a picture's blob has another content, though this folder was never uploaded and `others` were.

    Folders that are all gone have moved here if more than half of the blobs have the same content.
    """
    same, different = 0, []
    for picture in scan.files():
        blob = listing.get(prefix + picture.filepath) if isinstance(picture, Picture) else None
        if blob and isinstance(picture, Picture):
            if is_equal(picture, blob):
                same += 1
            else:
                different.append(picture.filepath)
    moved = same > len(different) and not any(Path(other).exists() for other in others)
    if different and not moved:
        count = f"{len(different):,} pictures" if len(different) > 1 else "1 picture"
        raise JobError(
            f"{count} of {scan.folder} would replace different pictures with the same paths, uploaded from "
            f"{others[-1]} (the first: {min(different)}). Nothing was changed: add --as PREFIX to this command, and to "
            "`embed`, for paths of their own; or replace them with --replace.",
            ErrorKind.conflict,
            {"folder": str(scan.folder), "other_folder": others[-1], "paths": sorted(different)},
        )


def is_equal(picture: Picture, blob: Blob) -> bool:
    """Return whether a picture has the bytes of a blob. One that cannot be read does not replace it."""
    try:
        data = read_file(picture.path)
    except UnreadableError:
        return True
    return (len(data), hashlib.md5(data, usedforsecurity=False).digest()) == (blob.size, blob.md5)


def read_folders(url: str) -> list[tuple[str, str]]:
    """Return the folders that were uploaded to a container, each with its prefix, the last one at the end."""
    try:
        return [(folder, prefix) for folder, prefix in json.loads(record_file(url).read_text(encoding="utf-8"))]
    except (OSError, ValueError):
        return []


def record_folders(url: str, folders: Iterable[tuple[str, str]]) -> None:
    write_atomically(record_file(url), json.dumps(list(folders)))


def record_file(url: str) -> Path:
    return state_folder() / "uploads" / f"{hashlib.sha256(url.encode()).hexdigest()[:16]}.json"
