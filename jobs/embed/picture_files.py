"""Where the picture of a row may be: in the folder of this run, in the recorded one, or in a target's container."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from jobs.pictures.read import PictureSource, UnreadableError, read_file
from jobs.pictures.scan import Picture
from jobs.target import Target

ReadPicture: TypeAlias = Callable[[str, str | None], bytes | None]
"""The bytes of a row's picture by its path and the folder recorded for it. None if it cannot be read."""

CONTAINER_TRIES = 40


@dataclass(frozen=True)
class PictureFiles:
    """`tries`: for how many rows it is worth to look. `ways`: the commands that help where no picture is found."""

    read: ReadPicture
    ways: str
    tries: int | None = None


LAPTOP_WAYS = "run `python -m jobs adopt DIR` with the folder of its pictures, or `python -m jobs embed DIR --replace`"
TARGET_WAYS = "run `python -m jobs migrate`, which writes it again from the laptop's"


def read_recorded(filepath: str, folder: str | None) -> bytes | None:
    """The picture in the folder that is recorded for the row."""
    if not folder:
        return None
    try:
        return read_file(Path(folder, *filepath.split("/")))
    except (UnreadableError, ValueError):
        return None


def recorded_files() -> PictureFiles:
    """The pictures of a laptop's table, where they were when they were embedded."""
    return PictureFiles(read_recorded, LAPTOP_WAYS)


def source_files(source: PictureSource, pictures: Iterable[Picture]) -> PictureFiles:
    """The pictures where they were embedded, if they are still there; else those of a run's folder or container."""
    present = {picture.filepath: picture for picture in pictures}

    def read(filepath: str, folder: str | None) -> bytes | None:
        data = read_recorded(filepath, folder) if folder != source.name else None
        if data is not None or filepath not in present:
            return data
        try:
            return source.read(present[filepath])
        except UnreadableError:
            return None

    return PictureFiles(read, LAPTOP_WAYS)


def target_files(target: Target) -> PictureFiles:
    """The pictures that `upload` copied to a target's container."""
    from jobs.embed.from_blob import PREFIX, BlobReader

    download = BlobReader(target)

    def read(filepath: str, folder: str | None) -> bytes | None:
        try:
            return download(Picture(filepath, PREFIX + filepath))
        except UnreadableError:
            return None

    return PictureFiles(read, TARGET_WAYS, CONTAINER_TRIES)
