"""The pictures of the rows: which rows have one, and what is recorded about its file."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from jobs import terminal
from jobs.errors import ErrorKind, JobError
from jobs.pictures.read import Content, PictureSource, read_contents
from jobs.pictures.scan import Picture, ScanResult, find_pictures
from jobs.target import Target


@dataclass(frozen=True)
class RowPictures:
    """`found` pictures belong to a row; `others` pictures of the folder, and `without` rows, have no counterpart."""

    source: PictureSource
    found: list[Picture]
    others: int
    without: int


def match_pictures(pictures: Path | Target, paths: Iterable[str]) -> RowPictures:
    """The pictures of a folder, or of a target's container, by the paths of rows. Raises JobError if none has a row."""
    scan, source = scan_pictures(pictures)
    wanted = set(paths)
    found = [picture for picture in scan.pictures if picture.filepath in wanted]
    if not found:
        raise JobError(
            f"No row's picture is in {scan.folder}: the table has {min(wanted)}, the folder has "
            f"{min((picture.filepath for picture in scan.pictures), default='no picture')}. Name the folder that the "
            "table was filled from.",
            ErrorKind.not_found,
        )
    return RowPictures(source, found, len(scan.pictures) - len(found), len(wanted) - len(found))


def scan_pictures(pictures: Path | Target) -> tuple[ScanResult, PictureSource]:
    """List a folder or a target's container. Raises JobError if there is no picture."""
    if isinstance(pictures, Target):
        from jobs.embed.from_blob import scan_container

        return scan_container(pictures)
    scan = find_pictures(pictures)
    return scan, PictureSource(str(scan.folder))


def hash_pictures(pictures: RowPictures) -> list[Content]:
    """Read and hash them. Those that cannot be read are left out: `embed` reports them."""
    with terminal.progress("read", len(pictures.found)) as advance:
        contents, _ = read_contents(pictures.found, advance, pictures.source)
    return contents
