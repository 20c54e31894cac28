"""Find the picture files of a folder, for `embed` and `upload` alike."""

import os
import re
import stat
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from jobs.errors import JobError

SUFFIXES = (".jpg", ".jpeg", ".png")
SPLIT = "train"
# Azure refuses control characters; U+FFFE and U+FFFF are none of XML's, so that Azurite lists a container no more.
UNUSABLE = re.compile(r"[\\\x00-\x1f\x7f-\x9f\ufffe\uffff]")
# A file written twice within one tick of its file system's clock keeps its times. FAT's clock ticks every 2 s, no other
# in use is slower. Git calls such files racily clean.
TICK_NS = 2_000_000_000


class FileStat(NamedTuple):
    """By what a file is known to be as it was, unread: bytes, and nanoseconds since 1970.

    `ctime_ns` tells apart two files of one size and time that swapped names: archives give many files one time.
    """

    size: int
    mtime_ns: int
    ctime_ns: int


@dataclass(frozen=True, order=True)
class Picture:
    """A picture file: `filepath` is <emotion>/<name> with forward slashes on every system.

    `place` is where it lies; `path`, made of it only when it is asked for: 28,709 of them take 0.1 s to make.
    `stamp` is None for a file so new that it might change once more and keep its stamp: only its bytes tell then.
    """

    filepath: str
    location: str | Path
    stat: FileStat | None = field(default=None, compare=False)

    @property
    def path(self) -> Path:
        return Path(self.location)

    @property
    def emotion(self) -> str:
        return self.filepath.partition("/")[0]


@dataclass(frozen=True, order=True)
class SkippedPicture:
    """A picture file that is passed over, and why."""

    filepath: str
    reason: str


@dataclass(frozen=True)
class ScanResult:
    """The picture files below `folder` (a container's URL, where they lie in one), by filepath; and those whose name or
    kind of file cannot be used."""

    folder: Path | str
    pictures: list[Picture]
    failed: list[SkippedPicture]


def find_pictures(directory: Path) -> ScanResult:
    """Look below DIR/train, or below DIR itself where that holds the emotion folders.

    Raises Failure when there is no such folder, or no picture file in it.
    """
    found = ScanResult(pictures_folder(directory), [], [])
    for each in iterate_pictures(directory):
        if isinstance(each, Picture):
            found.pictures.append(each)
        else:
            found.failed.append(each)
    found.pictures.sort(key=lambda picture: picture.filepath)
    found.failed.sort()
    return found


def pictures_folder(directory: Path) -> Path:
    """The folder that the emotion folders lie in. Raises Failure when there is none."""
    if not directory.is_dir():
        raise JobError(f"There is no folder {directory}: give one with pictures as train/<emotion>/<name>.jpg.")
    return (directory / SPLIT if (directory / SPLIT).is_dir() else directory).resolve()


def iterate_pictures(directory: Path) -> Iterator[Picture | SkippedPicture]:
    """The same one by one, in no order that would say anything: as many as there are, memory stays flat."""
    doubtful_ns, none = time.time_ns() - TICK_NS, True
    for name, entry in walk_files(pictures_folder(directory)):
        if name.lower().endswith(SUFFIXES):
            picture = check_file(name, entry, doubtful_ns)
            none = False
            yield picture if isinstance(picture, Picture) else SkippedPicture(escape_invalid(name), picture)
    if none:
        raise JobError(f"There is no picture in {directory}: give a folder with train/<emotion>/<name>.jpg or .png.")


def walk_files(folder: Path) -> Iterator[tuple[str, os.DirEntry[str]]]:
    """Every file below a folder as (path below it with forward slashes, entry); linked folders last, none twice."""
    seen: set[str] = set()
    linked = deque([("", str(folder))])
    while linked:
        below = [linked.popleft()]
        while below:
            prefix, here = below.pop()
            real = os.path.realpath(here)
            if real in seen:
                continue
            seen.add(real)
            for entry in list_folder(here):
                name = prefix + entry.name
                if entry.is_dir(follow_symlinks=False):
                    below.append((name + "/", entry.path))
                elif entry.is_dir():
                    linked.append((name + "/", entry.path))
                else:
                    yield name, entry


def list_folder(folder: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as found:
            return sorted(found, key=lambda entry: entry.name)
    except OSError as error:
        # Passing over it would look as if its pictures were deleted.
        raise JobError(f"The folder {folder} cannot be listed ({error.strerror}): open it or move it away.") from error


def check_file(name: str, entry: os.DirEntry[str], doubtful_ns: int) -> Picture | str:
    """The picture file of this name, or why it cannot be one. Files changed since `doubtful_ns` get no stamp."""
    reason = name_problem(name)
    if reason:
        return reason
    try:
        told = entry.stat()
    except OSError as error:
        return f"it cannot be opened: {error.strerror}"
    if not stat.S_ISREG(told.st_mode):
        return "it is no regular file"
    settled = told.st_mtime_ns < doubtful_ns
    return Picture(name, entry.path, FileStat(told.st_size, told.st_mtime_ns, told.st_ctime_ns) if settled else None)


def name_problem(name: str) -> str | None:
    """Why a picture file cannot have this name, or None."""
    if not name.isascii() and name != escape_invalid(name):
        return "its name is not valid text"
    if UNUSABLE.search(name):
        return "Blob Storage cannot keep a backslash, a control character, U+FFFE or U+FFFF in a name"
    if name.endswith(".") or "./" in name:
        return "Blob Storage cannot keep a name that ends with a dot"
    if "/" not in name:
        return "it lies in no emotion folder"
    return None


def escape_invalid(name: str) -> str:
    """The name with every byte that is no text written out."""
    return name.encode("utf-8", "backslashreplace").decode()
