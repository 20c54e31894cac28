"""The networks that compute the vector of a query: each is loaded when it is first needed, and kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from jobs.embed.weights import load_recorded
from jobs.notice import say_if_slow
from jobs.provenance import Provenance

if TYPE_CHECKING:
    from jobs.embed.model import Embedder


class Networks:
    """One network for each of the weights and precisions that fill the places. `weights` is a file that has moved."""

    def __init__(self, weights: str | None = None) -> None:
        self._weights = weights
        self._loaded: dict[Provenance, Embedder] = {}

    def load(self, made_with: Provenance) -> None:
        """Load the network that filled a place, unless that was done. Raises JobError if its weights are not here."""
        if made_with in self._loaded:
            return
        weights = load_recorded(made_with, self._weights)
        with say_if_slow("Loading the network"):
            from jobs.embed.model import build_embedder

            self._loaded[made_with] = build_embedder(weights.file, made_with.precision)

    def compute(self, pictures: NDArray[np.uint8], made_with: Provenance) -> NDArray[np.float32]:
        """The vectors of (n, 224, 224) uint8 grey pictures: (n, 512) float32. Raises JobError."""
        self.load(made_with)
        return self._loaded[made_with](pictures)
