"""Read picture files: what is in them, known by its hashes, and their pixels."""

import hashlib
import io
import warnings
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from jobs.pictures.scan import Picture, SkippedPicture

FORMATS = ("JPEG", "PNG", "BMP", "GIF", "WEBP")  # whatever the name says; not EPS and the like, which run programs
MAX_BYTES = 256 * 1024 * 1024
A = TypeVar("A")
Reader: TypeAlias = Callable[[Picture], bytes]


@dataclass(frozen=True)
class Content:
    """A picture file and the hashes of its bytes."""

    picture: Picture
    sha256: bytes
    md5: bytes


class UnreadableError(Exception):
    """The file is no picture that can be used; the text says why."""


def read_picture(picture: Picture) -> bytes:
    """All bytes of a picture in a folder. Raises Unreadable."""
    return read_file(picture.path)


@dataclass(frozen=True)
class PictureSource:
    """Where pictures come from: `name` is recorded beside their rows, `read` gets the bytes of one.

    `read` raises Unreadable; `at_once` of it at a time are worth it.
    """

    name: str
    read: Reader = read_picture
    concurrency: int = 1

    def map(self, work: Callable[[Picture], A], pictures: Iterable[Picture]) -> Iterator[A]:
        """`map`, for work that reads pictures."""
        if self.concurrency == 1:
            yield from map(work, pictures)
            return
        with ThreadPoolExecutor(self.concurrency) as pool:
            yield from pool.map(work, pictures)


def read_contents(
    pictures: Iterable[Picture],
    advance: Callable[[int], None],
    origin: PictureSource,
    remembered: Callable[[Picture], Content | None] = lambda picture: None,
) -> tuple[list[Content], list[SkippedPicture]]:
    """What every picture is known by: what is `remembered` of it, or the hashes of its bytes.

    Those that cannot be read are told apart.
    """

    def known_as(picture: Picture) -> Content | SkippedPicture:
        try:
            return remembered(picture) or hash_content(picture, origin.read(picture))
        except UnreadableError as error:
            return SkippedPicture(picture.filepath, str(error))

    known, failed = [], []
    for each in origin.map(known_as, pictures):
        if isinstance(each, Content):
            known.append(each)
        else:
            failed.append(each)
        advance(1)
    return known, failed


def hash_content(picture: Picture, data: bytes) -> Content:
    """What a file with these bytes is known by."""
    md5 = hashlib.md5(data, usedforsecurity=False).digest()
    return Content(picture, hashlib.sha256(data).digest(), md5)


def read_file(path: Path) -> bytes:
    """All bytes of a file. Raises Unreadable where the system refuses, or where no picture can be that large."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise UnreadableError(f"it is larger than {MAX_BYTES // 2**20} MiB")
        return path.read_bytes()
    except OSError as error:
        raise UnreadableError(f"it cannot be opened: {error.strerror}") from error


def read_pixels(data: bytes) -> NDArray[np.uint8]:
    """The picture in grey, (h, w) uint8, as the original's Grayscale makes it. Raises Unreadable."""
    return np.asarray(decode_image(data, "L"))


def decode_image(data: bytes, mode: str) -> Image.Image:
    """The picture in one of Pillow's modes.

    Raises Unreadable for what is no whole picture, and for a decompression bomb before it is decoded.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what Pillow thinks of odd palettes is not for the person
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=FORMATS) as opened:
                return opened.convert(mode)
    except Exception as error:  # Pillow's decoders raise what they like on broken data: any of it means unreadable
        said = "it is no picture" if isinstance(error, UnidentifiedImageError) else str(error) or repr(error)
        raise UnreadableError(said) from error
