"""Compare the rows' pictures in Blob Storage and the lake: all of them by their listings, some by their bytes.

A listing has a file's MD5 if its writer has set one. `upload` does. Data Factory's copy may not, and compares source
and sink itself instead (validateDataConsistency): such files are compared by size, and sampled first.
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
from jobs.verify.tables import Table, first_problems

READERS = 8


@dataclass(frozen=True)
class ListedContainer:
    """A container and its files, by their path below `prefix`, the folder of the pictures."""

    name: str
    container: ContainerClient
    prefix: str
    files: Mapping[str, Blob]

    def read(self, path: str) -> bytes | None:
        """The MD5 of a file's bytes; None if the file was deleted."""
        try:
            data = self.container.download_blob(self.prefix + path).readall()
        except ResourceNotFoundError:
            return None
        return hashlib.md5(data, usedforsecurity=False).digest()


@dataclass(frozen=True)
class Comparison:
    """`images` are rows whose picture is in the lake, `missing` those without; `extra` pictures have no row.

    Of the files in Blob Storage and the lake together: compared `by_md5`, `by_size` only, and `read` completely.
    """

    images: int
    missing: int
    extra: int
    by_md5: int
    by_size: int
    read: int
    problems: list[str]


def compare_pictures(target: Target, laptop: Table, sample: int) -> Comparison:
    """Each row's picture must be in Blob Storage and in the lake, with the bytes that were embedded."""
    uploaded = list_container("Blob", pictures_container(target), PREFIX)
    copied = list_container("lake", lake_container(target), lake.PICTURES)
    rows = {row.filepath for row in laptop.rows.values()}
    problems, by_md5, by_size, read = [], 0, 0, 0
    for container in (uploaded, copied):
        files = container.files
        existing = rows & files.keys()
        expected = {path: md5 for path in existing if (md5 := expected_md5(path, laptop, uploaded)) is not None}
        hashed = {path for path in expected if files[path].md5 is not None}
        different = {
            path for path in existing if is_different(files[path], expected.get(path), uploaded.files.get(path))
        }
        chosen = choose_sample(sorted(expected.keys() - hashed), sorted(hashed), sample)
        different |= read_mismatches(container, {path: expected[path] for path in chosen})
        problems += first_problems(container.name, describe_problems(rows - existing, different))
        by_md5, by_size, read = by_md5 + len(hashed), by_size + len(existing) - len(hashed), read + len(chosen)
    images = len(rows & copied.files.keys())
    extra = len(copied.files.keys() - rows)
    return Comparison(images, len(rows) - images, extra, by_md5, by_size, read, problems)


def list_container(name: str, container: ContainerClient, prefix: str) -> ListedContainer:
    """List a container's pictures. Raises JobError."""
    with translate_storage_errors(container):
        files = {blob.name.removeprefix(prefix): blob for blob in list_blobs(container, prefix)}
        return ListedContainer(name, container, prefix, files)


def expected_md5(path: str, laptop: Table, uploaded: ListedContainer) -> bytes | None:
    """The MD5 that a row's picture must have: of the file that was embedded, else of what was uploaded."""
    if path in laptop.pictures:
        return bytes.fromhex(laptop.pictures[path])
    return uploaded.files[path].md5 if path in uploaded.files else None


def is_different(file: Blob, md5: bytes | None, uploaded: Blob | None) -> bool:
    """Whether a listed file certainly has another MD5, or another size than the uploaded one."""
    if uploaded is not None and uploaded.size != file.size:
        return True
    return md5 is not None and file.md5 is not None and file.md5 != md5


def choose_sample(by_size: list[str], by_md5: list[str], number: int) -> list[str]:
    """A random sample, first of the files that were compared by their size only."""
    chance = random.SystemRandom()
    first = chance.sample(by_size, min(number, len(by_size)))
    return first + chance.sample(by_md5, min(number - len(first), len(by_md5)))


def read_mismatches(container: ListedContainer, expected: Mapping[str, bytes]) -> set[str]:
    """Read the files of `expected` completely; returns those whose bytes have another MD5."""
    with translate_storage_errors(container.container), ThreadPoolExecutor(READERS) as pool:
        read = zip(expected, pool.map(container.read, expected), strict=True)
        return {path for path, md5 in read if md5 != expected[path]}


def describe_problems(missing: set[str], different: set[str]) -> list[str]:
    """A sentence for each picture."""
    lines = [f"the picture {path} is missing" for path in sorted(missing)]
    return lines + [f"the picture {path} is not the one that was embedded" for path in sorted(different)]
