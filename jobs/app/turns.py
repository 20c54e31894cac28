"""The one thread that runs the network. What waits for it is computed together, up to BATCH pictures at a time.

Two threads of OpenMP on busy cores are six to eight times slower than one: `run.py` sets one for the whole process.
"""

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from queue import Empty, Full, Queue
from threading import Thread
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from jobs.errors import ErrorKind, JobError
from jobs.postgres.copy import Vector
from jobs.provenance import Provenance
from jobs.search.networks import Networks

MOST_WAITING = 256
BATCH = 8
BUSY = "Too many pictures wait for the network: try again in some seconds."
Compute: TypeAlias = Callable[[NDArray[np.uint8], Provenance], NDArray[np.float32]]


class BusyError(JobError):
    """The queue is full."""

    def __init__(self) -> None:
        super().__init__(BUSY, ErrorKind.unavailable)


@dataclass(frozen=True)
class Turn:
    """One picture that waits: (224, 224) uint8; None only loads the network."""

    pixels: NDArray[np.uint8] | None
    made_with: Provenance
    vector: "Future[Vector | None]" = field(default_factory=Future)


class Turns:
    """Takes pictures from any thread. `compute` and `load` run in one thread of its own only."""

    def __init__(self, networks: Networks) -> None:
        self._networks = networks
        self._waiting: Queue[Turn] = Queue(MOST_WAITING)
        self._next: Turn | None = None  # of other weights than the batch before it
        self.batches: deque[int] = deque(maxlen=1000)  # how many pictures the latest batches had
        self.threads = 0
        Thread(target=self._run, name="network", daemon=True).start()

    def submit(self, pixels: NDArray[np.uint8] | None, made_with: Provenance) -> "Future[Any]":
        """The vector, when it is computed. Raises BusyError if MOST_WAITING pictures wait."""
        turn = Turn(pixels, made_with)
        try:
            self._waiting.put_nowait(turn)
        except Full:
            raise BusyError from None
        return turn.vector

    def compute(self, pixels: NDArray[np.uint8], made_with: Provenance) -> NDArray[np.float32]:
        """The vectors of (n, 224, 224) pictures: waits for them. Raises JobError."""
        return np.stack([future.result() for future in [self.submit(each, made_with) for each in pixels]])

    def _run(self) -> None:
        import torch

        torch.set_num_threads(1)
        self.threads = torch.get_num_threads()
        while True:
            batch = self._take_batch()
            try:
                self._answer(batch)
            except BaseException as error:
                for turn in batch:
                    turn.vector.set_exception(error)

    def _take_batch(self) -> list[Turn]:
        """The first that waits, and up to BATCH - 1 more of the same weights."""
        batch = [self._next or self._waiting.get()]
        self._next = None
        while len(batch) < BATCH:
            try:
                turn = self._waiting.get_nowait()
            except Empty:
                break
            if turn.made_with != batch[0].made_with:
                self._next = turn
                break
            batch.append(turn)
        return batch

    def _answer(self, batch: list[Turn]) -> None:
        made_with = batch[0].made_with
        self._networks.load(made_with)
        self.batches.append(len(batch))
        pictures = [turn.pixels for turn in batch if turn.pixels is not None]
        vectors = iter(self._networks.compute(np.stack(pictures), made_with) if pictures else ())
        for turn in batch:
            turn.vector.set_result(next(vectors) if turn.pixels is not None else None)
