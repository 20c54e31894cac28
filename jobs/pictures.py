"""Find the picture files of a folder, for `embed` and `upload` alike."""

import os
import stat
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from jobs.failure import Failure

SUFFIXES = (".jpg", ".jpeg", ".png")
SPLIT = "train"


@dataclass(frozen=True, order=True)
class Picture:
    """A picture file: `filepath` is <emotion>/<name> with forward slashes on every system."""

    filepath: str
    path: Path

    @property
    def emotion(self) -> str:
        return self.filepath.partition("/")[0]


@dataclass(frozen=True, order=True)
class Failed:
    """A picture file that is passed over, and why."""

    filepath: str
    reason: str


@dataclass(frozen=True)
class Found:
    """The picture files below `folder`, by filepath; and those whose name or kind of file cannot be used."""

    folder: Path
    pictures: list[Picture]
    failed: list[Failed]


def find(directory: Path) -> Found:
    """Look below DIR/train, or below DIR itself where that holds the emotion folders.

    Raises Failure when there is no such folder, or no picture file in it.
    """
    if not directory.is_dir():
        raise Failure(f"There is no folder {directory}: give one with pictures as train/<emotion>/<name>.jpg.")
    folder = (directory / SPLIT if (directory / SPLIT).is_dir() else directory).resolve()
    found = Found(folder, [], [])
    for name, path in files(folder):
        if not name.lower().endswith(SUFFIXES):
            continue
        reason = problem(name, path)
        if reason:
            found.failed.append(Failed(printable(name), reason))
        else:
            found.pictures.append(Picture(name, path))
    if not found.pictures and not found.failed:
        raise Failure(f"There is no picture in {directory}: give a folder with train/<emotion>/<name>.jpg or .png.")
    found.pictures.sort()
    found.failed.sort()
    return found


def files(folder: Path) -> Iterator[tuple[str, Path]]:
    """Every file below a folder as (path below it with forward slashes, path); linked folders last, none twice."""
    seen: set[str] = set()
    linked = deque([("", folder)])
    while linked:
        below = [linked.popleft()]
        while below:
            prefix, here = below.pop()
            real = os.path.realpath(here)
            if real in seen:
                continue
            seen.add(real)
            for entry in entries(here):
                name, path = prefix + entry.name, Path(entry.path)
                if entry.is_dir(follow_symlinks=False):
                    below.append((name + "/", path))
                elif entry.is_dir():
                    linked.append((name + "/", path))
                else:
                    yield name, path


def entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as found:
            return sorted(found, key=lambda entry: entry.name)
    except OSError as error:
        # Passing over it would look as if its pictures were deleted.
        raise Failure(f"The folder {folder} cannot be listed ({error.strerror}): open it or move it away.") from error


def problem(name: str, path: Path) -> str | None:
    """Why a picture file of this name cannot be used at all, or None."""
    if name != printable(name):
        return "its name is not valid text"
    if "\\" in name or any(ord(letter) < 32 or ord(letter) == 127 for letter in name):
        return "Blob Storage cannot keep a backslash or a control character in a name"
    if any(part.endswith(".") for part in name.split("/")):
        return "Blob Storage cannot keep a name that ends with a dot"
    if "/" not in name:
        return "it lies in no emotion folder"
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            return "it is no regular file"
    except OSError as error:
        return f"it cannot be opened: {error.strerror}"
    return None


def printable(name: str) -> str:
    """The name with every byte that is no text written out."""
    return name.encode("utf-8", "backslashreplace").decode()
