"""Rows that came from another folder than that of a run: which stay, and which must not be overwritten."""

import os
from collections import Counter, defaultdict

from jobs.embed.plan import Row
from jobs.errors import ErrorKind, JobError
from jobs.pictures.read import Content


def check_other_folders(contents: list[Content], rows: list[Row], folder: str) -> None:
    """Raise JobError if a path of this run is that of another folder's row, with another content.

    A folder that is gone has moved here if more than half of the paths have the same content: its other pictures were
    changed.
    """
    by_path = {row.filepath: row for row in rows}
    same: Counter[str] = Counter()
    different: dict[str, list[str]] = defaultdict(list)
    for content in contents:
        row = by_path.get(content.picture.filepath)
        if row is None or row.folder in (None, folder):
            continue
        if row.sha256 == content.sha256:
            same[str(row.folder)] += 1
        else:
            different[str(row.folder)].append(row.filepath)
    for other, paths in different.items():
        if not (is_gone(other) and same[other] > len(paths)):
            raise conflict(folder, other, paths)


def conflict(folder: str, other: str, paths: list[str]) -> JobError:
    """Return the error that names both folders, and what can be done."""
    count = f"{len(paths):,} pictures" if len(paths) > 1 else "1 picture"
    rename = "" if is_url(folder) else "add --as PREFIX to this command, and to `upload`, for paths of their own; or "
    return JobError(
        f"{count} of {folder} would take the rows of different pictures with the same paths from {other} (the first: "
        f"{min(paths)}). Nothing was changed: {rename}empty the table first with --replace.",
        ErrorKind.conflict,
        {"folder": folder, "other_folder": other, "paths": sorted(paths)},
    )


def is_still_there(row: Row) -> bool:
    """Return whether the folder that a row came from still has its file, with or without a prefix.

    What lies in a container is taken to be there.
    """
    if row.folder is None:
        return False
    emotion, _, rest = row.filepath.partition("/")
    paths = {row.filepath, f"{emotion}/{rest.partition('/')[2] or rest}"}
    return is_url(row.folder) or not all(is_missing(f"{row.folder}/{path}") for path in paths)


def is_gone(folder: str) -> bool:
    """Return whether a folder does not exist any more. A container is taken to exist."""
    return not is_url(folder) and is_missing(folder)


def is_missing(path: str) -> bool:
    """Return whether there is certainly nothing at a path: not if it may not be looked at."""
    try:
        os.stat(path)  # noqa: PTH116 - a Path for each of many rows takes longer
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return False


def is_url(folder: str) -> bool:
    return "://" in folder
