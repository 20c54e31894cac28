"""One picture on its way from a file to a row."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jobs.embed.plan import Work
from jobs.pictures.read import UnreadableError
from jobs.postgres.copy import Vector


@dataclass(frozen=True)
class Item:
    """A piece of work and what is there of it so far.

    `crop` is the prepared picture, (224, 224) uint8, until it is embedded; `vector` is its 512 float32 numbers. A copy
    has neither: its vector is in the table by then. `error` says why the picture cannot be used.
    """

    work: Work
    crop: NDArray[np.uint8] | None = None
    vector: Vector | None = None
    error: UnreadableError | None = None
