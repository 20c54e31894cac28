"""Walk a folder. What cannot be listed is reported and does not end the walk."""

import os
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from jobs.errors import ErrorKind, JobError
from jobs.pictures.names import is_junk, is_junk_folder, is_picture


@dataclass(frozen=True)
class UnlistedFolder:
    """A folder, or a link that may lead to one, whose files are not known. `name` is its relative path, "sad/deep/"."""

    name: str
    reason: str


def walk_files(folder: Path) -> Iterator[tuple[str, os.DirEntry[str]] | UnlistedFolder]:
    """Yield every file below a folder as (relative path with forward slashes, entry).

    Symbolic links to folders are followed last, and no folder is listed twice. Raises JobError if the folder itself
    cannot be listed.
    """
    seen: set[str] = set()
    linked = deque([("", str(folder))])
    while linked:
        stack = [linked.popleft()]
        while stack:
            prefix, current = stack.pop()
            entries = list_new_folder(prefix, current, seen)
            if isinstance(entries, UnlistedFolder):
                yield entries
                continue
            for entry in entries:
                name = prefix + entry.name
                kind = entry_kind(entry)
                if kind == "file":
                    if not is_junk(entry.name):
                        yield name, entry
                elif not is_junk_folder(entry.name):
                    (stack if kind == "folder" else linked).append((name + "/", entry.path))


def list_new_folder(prefix: str, folder: str, seen: set[str]) -> list[os.DirEntry[str]] | UnlistedFolder:
    """Return the entries of a folder by name: none if it was `seen` already. Raises JobError for the first folder."""
    try:
        real = os.path.realpath(folder)
        if real in seen:
            return []
        seen.add(real)
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        reason = f"the folder cannot be listed: {error.strerror}"
        if prefix:
            return UnlistedFolder(prefix, reason)
        raise JobError(
            f"The folder {folder} cannot be listed ({error.strerror}): allow reading it, or move it elsewhere.",
            ErrorKind.invalid,
        ) from error


def entry_kind(entry: os.DirEntry[str]) -> str:
    """Return "folder", "link" (to a folder) or "file". A link that cannot be followed is a file if its name says so."""
    try:
        if entry.is_dir(follow_symlinks=False):
            return "folder"
        return "link" if entry.is_dir() else "file"
    except OSError:  # a link to itself, or through a folder that may not be entered
        return "file" if is_picture(entry.name) else "link"


def is_broken_link(entry: os.DirEntry[str]) -> bool:
    """Return whether an entry is a link to what is not there: perhaps a folder of a disk that is not connected."""
    return entry.is_symlink() and not os.path.exists(entry.path)  # noqa: PTH110 - Path.exists raises for some
