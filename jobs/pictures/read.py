"""Read picture files: their bytes, the hashes of their bytes, and their pixels."""

import hashlib
import io
import warnings
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias, TypeVar

from PIL import Image, UnidentifiedImageError

from jobs.foreign_files import UnusableFileError, read_regular_file
from jobs.pictures.scan import Picture, SkippedPicture
from jobs.pictures.work import find_excess, find_long_header

# Detected from the content, not from the name. EPS and similar formats are left out: Pillow runs programs for them.
FORMATS = ("JPEG", "PNG", "BMP", "GIF", "WEBP")
MAX_BYTES = 256 * 1024 * 1024
A = TypeVar("A")
Reader: TypeAlias = Callable[[Picture], bytes]


@dataclass(frozen=True)
class Content:
    """A picture file and the hashes of its bytes."""

    picture: Picture
    sha256: bytes
    md5: bytes


# Reasons that may pass without a change of the file. All others are found again as long as the file is the same.
PASSING = ("it cannot be opened", "it was changed", "it was deleted")


class UnreadableError(Exception):
    """The file is not a picture that can be used. The text is the reason."""


def is_lasting(reason: str) -> bool:
    """Return whether a file stays unreadable for a reason until it is changed."""
    return not reason.startswith(PASSING)


def read_picture(picture: Picture) -> bytes:
    """Return all bytes of a picture in a folder. Raises UnreadableError."""
    return read_file(picture.path)


@dataclass(frozen=True)
class PictureSource:
    """Where pictures come from: a folder or a container.

    `name` is recorded beside their rows. `read` returns the bytes of one picture or raises UnreadableError.
    `concurrency` is the number of `read` calls that are worth running at the same time.
    """

    name: str
    read: Reader = read_picture
    concurrency: int = 1

    def map(self, work: Callable[[Picture], A], pictures: Iterable[Picture]) -> Iterator[A]:
        """Like the builtin `map`, for work that calls `read`: `concurrency` calls at a time, results in order."""
        if self.concurrency == 1:
            yield from map(work, pictures)
            return
        with ThreadPoolExecutor(self.concurrency) as pool:
            yield from pool.map(work, pictures)


def read_contents(
    pictures: Iterable[Picture],
    advance: Callable[[int], None],
    source: PictureSource,
    cached: Callable[[Picture], Content | None] = lambda picture: None,
) -> tuple[list[Content], list[SkippedPicture]]:
    """Return the content of every picture, and the pictures that cannot be read.

    `cached` may return the content of a picture without reading it. All others are read and hashed.
    """

    def read_content(picture: Picture) -> Content | SkippedPicture:
        try:
            return cached(picture) or hash_content(picture, source.read(picture))
        except UnreadableError as error:
            return SkippedPicture(picture.filepath, str(error))

    contents, failed = [], []
    for result in source.map(read_content, pictures):
        if isinstance(result, Content):
            contents.append(result)
        else:
            failed.append(result)
        advance(1)
    return contents, failed


def hash_content(picture: Picture, data: bytes) -> Content:
    """Return the content of a picture whose file has these bytes."""
    md5 = hashlib.md5(data, usedforsecurity=False).digest()
    return Content(picture, hashlib.sha256(data).digest(), md5)


def read_file(path: Path) -> bytes:
    """Return all bytes of a file. Raises UnreadableError for what is not a file of at most MAX_BYTES."""
    try:
        return read_regular_file(path, MAX_BYTES)
    except UnusableFileError as error:
        raise UnreadableError(str(error)) from error
    except OSError as error:
        raise UnreadableError(f"it cannot be opened: {error.strerror}") from error


def decode_image(data: bytes, mode: str, max_pixels: int | None = None) -> Image.Image:
    """Decode a picture file's bytes and convert the picture to one of Pillow's modes.

    Raises UnreadableError for data that is not a complete picture, and before it is decoded for a decompression bomb
    (by Pillow's limit), and for more than `max_pixels`.
    """
    if excess := find_long_header(data):
        raise UnreadableError(excess)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about unusual palettes: of no use to the user
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=FORMATS) as opened:
                if max_pixels and opened.width * opened.height > max_pixels:
                    raise UnreadableError(f"it has more than {max_pixels:,} pixels")
                if excess := find_excess(opened, data, mode):
                    raise UnreadableError(excess)
                return opened.convert(mode)
    except UnreadableError:
        raise
    except MemoryError as error:
        raise UnreadableError("it cannot be opened: there is not enough memory") from error
    except Exception as error:  # on broken data Pillow's decoders raise exceptions of any class
        not_a_picture = isinstance(error, UnidentifiedImageError)
        raise UnreadableError("it is not a picture" if not_a_picture else str(error) or repr(error)) from error
