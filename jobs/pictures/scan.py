"""Find the picture files of a folder, for `embed` and for `upload`."""

import os
import stat
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from jobs.errors import ErrorKind, JobError
from jobs.pictures.locate import PicturesFolder, locate_pictures
from jobs.pictures.names import OTHER_SUFFIXES, escape_invalid, is_other_split, is_picture, name_problem
from jobs.pictures.summary import describe_passed_over
from jobs.pictures.walk import UnlistedFolder, is_broken_link, walk_files

# A file that is written twice within one tick of its file system's clock keeps its times. The slowest clock in use is
# FAT's: one tick is 2 s. Git calls such files "racily clean".
TICK_NS = 2_000_000_000


class FileStat(NamedTuple):
    """What shows, without reading a file, that it has not changed: its size in bytes, its times in ns since 1970.

    `ctime_ns` distinguishes two files of the same size and modification time that swapped names: archives often give
    all their files the same modification time.
    """

    size: int
    mtime_ns: int
    ctime_ns: int


@dataclass(frozen=True, order=True)
class Picture:
    """A picture file. `filepath` is <emotion>/<name>, with forward slashes on every system.

    `location` is its path, or its blob's name in a container. A Path is created only in `path`: 28,709 of them take
    0.1 s. `stat` is None for a racily clean file: it may still change without changing its stat.
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
    """A picture file that cannot be used, and the reason. A path that ends in a slash is a folder's."""

    filepath: str
    reason: str


@dataclass(frozen=True)
class ScanResult:
    """The picture files below `folder`, sorted by filepath, and those whose name or type of file cannot be used.

    For pictures in a container, `folder` is a URL. `passed_over` counts picture files of other formats by suffix.
    What lies below the paths in `unlisted` is not known: it must not count as deleted.
    """

    folder: Path | str
    pictures: list[Picture]
    failed: list[SkippedPicture]
    passed_over: Counter[str] = field(default_factory=Counter)
    unlisted: list[str] = field(default_factory=list)


class FolderScan:
    """A folder of pictures, listed each time that `files` is called. `passed_over` and `unlisted` are of the last time.

    Raises JobError if the folder does not exist, or if it is not clear which folders are emotions.
    """

    def __init__(self, directory: Path | PicturesFolder) -> None:
        named = directory if isinstance(directory, PicturesFolder) else PicturesFolder(directory)
        located = locate_pictures(named)
        self.named, self.folder, self._failed = named, located.folder, located.failed
        self.passed_over: Counter[str] = Counter()
        self.unlisted: list[str] = []

    def files(self) -> Iterator[Picture | SkippedPicture]:
        """Yield the picture files one by one, unsorted: memory use does not grow with their number.

        Raises JobError if there is none.
        """
        racy_ns, empty = time.time_ns() - TICK_NS, not self._failed
        self.passed_over.clear()
        self.unlisted.clear()
        yield from (SkippedPicture(name, reason) for name, reason in self._failed)
        for found in walk_files(self.folder):
            file = self._check_folder(found) if isinstance(found, UnlistedFolder) else self._check(*found, racy_ns)
            if file:
                empty = False
                yield file
        if empty:
            raise self._no_picture()

    def _check_folder(self, found: UnlistedFolder) -> SkippedPicture:
        self.unlisted.append(self.named.prefixed(found.name))
        return SkippedPicture(escape_invalid(found.name), found.reason)

    def _check(self, name: str, entry: os.DirEntry[str], racy_ns: int) -> Picture | SkippedPicture | None:
        """Return the picture file, usable or not. None for a file that is not a picture, or not of this split."""
        if is_other_split(name.partition("/")[0]) and "/" in name:
            return None
        if not is_picture(entry.name):
            return self._check_other(name, entry)
        picture = check_file(name, entry, racy_ns)
        if isinstance(picture, str):
            self.unlisted.append(self.named.prefixed(name) + "/")  # it may be a link to a folder
            return SkippedPicture(escape_invalid(self.named.prefixed(name)), picture)
        return Picture(self.named.prefixed(name), picture.location, picture.stat) if self.named.prefix else picture

    def _check_other(self, name: str, entry: os.DirEntry[str]) -> SkippedPicture | None:
        """Count a picture of another format. A link that leads to nothing may have been a folder."""
        suffix = os.path.splitext(entry.name)[1].lower()  # noqa: PTH122 - a Path for each file takes longer
        if suffix in OTHER_SUFFIXES:
            self.passed_over[suffix] += 1
        elif is_broken_link(entry):
            self.unlisted.append(self.named.prefixed(name + "/"))
            if not suffix:
                return SkippedPicture(escape_invalid(name + "/"), "the link leads to nothing")
        return None

    def _no_picture(self) -> JobError:
        others = f"; {describe_passed_over(self.passed_over)}" if self.passed_over else ""
        return JobError(
            f"There is no picture in {self.named.path}{others}: give a folder with train/<emotion>/<name>.jpg or .png.",
            ErrorKind.not_found,
        )


def find_pictures(directory: Path | PicturesFolder) -> ScanResult:
    """Return the pictures of a folder: below its folder `train`, or below itself if it has none.

    Raises JobError if the folder does not exist, has no picture file, or if it is not clear which folders are emotions.
    """
    scan = FolderScan(directory)
    result = to_scan_result(scan.folder, scan.files())
    result.passed_over.update(scan.passed_over)
    result.unlisted.extend(scan.unlisted)
    return result


def to_scan_result(folder: Path | str, files: Iterable[Picture | SkippedPicture]) -> ScanResult:
    """Collect and sort what a scan yields."""
    result = ScanResult(folder, [], [])
    for file in files:
        if isinstance(file, Picture):
            result.pictures.append(file)
        else:
            result.failed.append(file)
    result.pictures.sort(key=lambda picture: picture.filepath)
    result.failed.sort()
    return result


def check_file(name: str, entry: os.DirEntry[str], racy_ns: int) -> Picture | str:
    """Return the picture file, or the reason it cannot be used. Files modified since `racy_ns` get no stat."""
    reason = name_problem(name)
    if reason:
        return reason
    try:
        status = entry.stat()
    except OSError as error:
        return f"it cannot be opened: {error.strerror}"
    if not stat.S_ISREG(status.st_mode):
        return "it is not a regular file"
    if status.st_mtime_ns >= racy_ns:
        return Picture(name, entry.path, None)
    return Picture(name, entry.path, FileStat(status.st_size, status.st_mtime_ns, status.st_ctime_ns))
