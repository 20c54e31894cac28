"""The pictures of the rows in Blob and lake: all by what listings tell, some by their bytes.

A listing has a file's MD5 where whoever wrote it has set one. `upload` does; Data Factory's copy need not, and compares
source and sink by itself instead (validateDataConsistency): those are compared by size, and the sample is theirs first.
"""

import hashlib
import random
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from azure.core.exceptions import ResourceNotFoundError
from azure.storage.blob import ContainerClient

from jobs.storage import lake
from jobs.storage.client import Blob, lake_container, list_blobs, pictures_container, translate_storage_errors
from jobs.target import Target
from jobs.upload.run import PREFIX
from jobs.verify.tables import Table, told

READERS = 8


@dataclass(frozen=True)
class Place:
    """A container's files by the path below the place where pictures lie."""

    name: str
    container: ContainerClient
    prefix: str
    files: Mapping[str, Blob]

    def read(self, path: str) -> bytes | None:
        """The MD5 of a file's bytes; None if it has gone."""
        try:
            data = self.container.download_blob(self.prefix + path).readall()
        except ResourceNotFoundError:
            return None
        return hashlib.md5(data, usedforsecurity=False).digest()


@dataclass(frozen=True)
class Comparison:
    """`images` are rows whose picture is in the lake, `missing` those without, `extra` pictures there without a row.

    Files in Blob and lake together: compared `by_md5`, `by_size` only, and `read` whole.
    """

    images: int
    missing: int
    extra: int
    by_md5: int
    by_size: int
    read: int
    problems: list[str]


def compare(target: Target, laptop: Table, sample: int) -> Comparison:
    """Each row's picture must lie in Blob and in the lake, with the bytes that were embedded."""
    blob = place("Blob", pictures_container(target), PREFIX)
    stored = place("lake", lake_container(target), lake.PICTURES)
    rows = {row.filepath for row in laptop.rows.values()}
    problems, by_md5, by_size, read = [], 0, 0, 0
    for each in (blob, stored):
        there = rows & each.files.keys()
        known = {path: md5 for path in there if (md5 := wanted(path, laptop, blob)) is not None}
        hashed = {path for path in known if each.files[path].md5 is not None}
        other = {path for path in there if differs(each.files[path], known.get(path), blob.files.get(path))}
        chosen = drawn(sorted(known.keys() - hashed), sorted(hashed), sample)
        other |= unlike(each, {path: known[path] for path in chosen})
        problems += told(each.name, faults(rows - there, other))
        by_md5, by_size, read = by_md5 + len(hashed), by_size + len(there) - len(hashed), read + len(chosen)
    images = len(rows & stored.files.keys())
    extra = len(stored.files.keys() - rows)
    return Comparison(images, len(rows) - images, extra, by_md5, by_size, read, problems)


def place(name: str, container: ContainerClient, prefix: str) -> Place:
    with translate_storage_errors(container):
        return Place(name, container, prefix, {b.name.removeprefix(prefix): b for b in list_blobs(container, prefix)})


def wanted(path: str, laptop: Table, blob: Place) -> bytes | None:
    """The MD5 that a row's picture must have: of the file that was embedded, else of what was uploaded."""
    if path in laptop.pictures:
        return bytes.fromhex(laptop.pictures[path])
    return blob.files[path].md5 if path in blob.files else None


def differs(file: Blob, md5: bytes | None, uploaded: Blob | None) -> bool:
    """Whether a listed file is surely not the one of this MD5, or not of the size that was uploaded."""
    if uploaded is not None and uploaded.size != file.size:
        return True
    return md5 is not None and file.md5 is not None and file.md5 != md5


def drawn(unsure: list[str], sure: list[str], number: int) -> list[str]:
    """A random sample, of those first that nothing but their size speaks for."""
    chance = random.SystemRandom()
    first = chance.sample(unsure, min(number, len(unsure)))
    return first + chance.sample(sure, min(number - len(first), len(sure)))


def unlike(place: Place, known: Mapping[str, bytes]) -> set[str]:
    """Those whose bytes, read whole, have not the MD5 that is known."""
    with translate_storage_errors(place.container), ThreadPoolExecutor(READERS) as pool:
        found = zip(known, pool.map(place.read, known), strict=True)
        return {path for path, md5 in found if md5 != known[path]}


def faults(missing: set[str], other: set[str]) -> list[str]:
    lines = [f"the picture {path} is missing" for path in sorted(missing)]
    return lines + [f"the picture {path} is not the one that was embedded" for path in sorted(other)]
