"""The folders in a folder. One that may not be read, or that is gone, is empty: the walk reports it."""

import os
from pathlib import Path

from jobs.pictures.names import is_junk_folder, is_picture
from jobs.pictures.walk import entry_kind


def is_folder(path: Path) -> bool:
    return os.path.isdir(path)  # noqa: PTH112 - Path.is_dir raises for some that cannot be looked at


def list_folders(folder: Path) -> list[Path]:
    """Return the folders in a folder by name, links to folders too, without those that are passed over."""
    try:
        with os.scandir(folder) as entries:
            names = [each.name for each in entries if not is_junk_folder(each.name) and entry_kind(each) != "file"]
    except OSError:
        return []
    return [folder / name for name in sorted(names) if is_folder(folder / name)]


def holds_pictures(folder: Path) -> bool:
    """Return whether a folder itself holds a picture file, not in a folder of its own."""
    try:
        with os.scandir(folder) as entries:
            return any(is_picture(each.name) and entry_kind(each) == "file" for each in entries)
    except OSError:
        return False


def may_be_listed(folder: Path) -> bool:
    return os.access(folder, os.R_OK | os.X_OK)


def hold_pictures_below(folder: Path, depth: int = 3) -> bool:
    """Return whether a picture file lies in a folder or up to `depth` levels below it."""
    return holds_pictures(folder) or (
        depth > 0 and any(hold_pictures_below(each, depth - 1) for each in list_folders(folder))
    )
