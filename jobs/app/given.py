"""The pictures that people give: as pixels in memory, for an hour, and nowhere else."""

import secrets
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from threading import Lock, Semaphore

import numpy as np
from numpy.typing import NDArray

from jobs.embed.prepare import resize_and_crop
from jobs.errors import ErrorKind, JobError
from jobs.pictures.read import UnreadableError, decode_image
from jobs.postgres.copy import Vector
from jobs.provenance import Provenance
from jobs.search.searcher import unreadable_query
from jobs.thumbnail import to_png

MOST_BYTES, MOST_PIXELS = 8 * 1024 * 1024, 25_000_000
MOST_KEPT, KEPT_SECONDS = 256, 3600.0  # as many as may wait for the network: none is lost before it is shown
DECODERS = Semaphore(2)


@dataclass
class Given:
    """`pixels` are as the network takes them, (224, 224) uint8; `small` is a PNG; a vector for each of the weights."""

    pixels: NDArray[np.uint8]
    small: bytes
    vectors: dict[Provenance, Vector] = field(default_factory=dict)
    at: float = field(default_factory=time.monotonic)


def read_given(data: bytes) -> Given:
    """Decode what a browser sent. Raises JobError if it is not a picture, or too large."""
    with DECODERS:
        try:
            if len(data) > MOST_BYTES:
                raise UnreadableError(f"it is larger than {MOST_BYTES // 2**20} MiB")
            grey = np.array(resize_and_crop(decode_image(data, "L", MOST_PIXELS)))
            return Given(grey, to_png(decode_image(data, "RGB", MOST_PIXELS)))
        except UnreadableError as error:
            raise unreadable_query("", str(error)) from error


def forgotten_picture() -> JobError:
    """The error for a picture that is kept no more."""
    return JobError("That picture was forgotten: give it again.", ErrorKind.not_found)


class GivenPictures:
    """The latest MOST_KEPT pictures, each for KEPT_SECONDS."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, Given] = OrderedDict()
        self._lock = Lock()

    def keep(self, given: Given) -> str:
        """The name under which the picture is found again: it cannot be guessed."""
        name = secrets.token_urlsafe(12)
        with self._lock:
            self._forget()
            self._kept[name] = given
            if len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        return name

    def find(self, name: str) -> Given | None:
        """The picture; None if it was forgotten."""
        with self._lock:
            self._forget()
            return self._kept.get(name)

    def _forget(self) -> None:
        oldest_allowed = time.monotonic() - KEPT_SECONDS
        while self._kept and next(iter(self._kept.values())).at < oldest_allowed:
            self._kept.popitem(last=False)
