"""The pictures that a run processes: the first ones, if there is a limit, whose paths fit into the table."""

from dataclasses import dataclass

from jobs.pictures.scan import Picture, ScanResult, SkippedPicture

MAX_PATH, MAX_EMOTION = 255, 50  # characters, as in the table


@dataclass(frozen=True)
class Selection:
    """The pictures to process, and those that cannot be used, both sorted by path."""

    pictures: list[Picture]
    failed: list[SkippedPicture]


def select_pictures(scan: ScanResult, limit: int | None) -> Selection:
    """Return the first `limit` picture files by path, usable or not; None: all of them."""
    files: list[Picture | SkippedPicture] = [*scan.pictures, *scan.failed]
    files.sort(key=lambda file: file.filepath)
    checked = [check_length(file) for file in files[:limit]]
    pictures = [file for file in checked if isinstance(file, Picture)]
    return Selection(pictures, [file for file in checked if isinstance(file, SkippedPicture)])


def check_length(file: Picture | SkippedPicture) -> Picture | SkippedPicture:
    """Return the picture, or skip it if its path is too long for the table."""
    reason = length_problem(file) if isinstance(file, Picture) else None
    return SkippedPicture(file.filepath, reason) if reason else file


def length_problem(picture: Picture) -> str | None:
    """Return why a path does not fit into the table, or None."""
    if len(picture.filepath) > MAX_PATH:
        return f"its path has {len(picture.filepath)} characters, and the table allows {MAX_PATH}"
    if len(picture.emotion) > MAX_EMOTION:
        return f"its emotion has {len(picture.emotion)} characters, and the table allows {MAX_EMOTION}"
    return None
