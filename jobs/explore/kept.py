"""What takes long is kept on this computer, by the Parquet that it was computed from. Never in the lake: reading it
must be enough.
"""

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from jobs.explore.neighbours import Neighbours, find_neighbours
from jobs.state import atomic_file, state_folder

FOLDERS = 4  # the latest collections


def kept_folder(etag: str) -> Path:
    """The folder of a Parquet."""
    return state_folder() / "explore" / hashlib.sha256(etag.encode()).hexdigest()[:16]


def keep_array(etag: str, name: str, compute: Callable[[], NDArray[np.float32]]) -> NDArray[np.float32]:
    """The array `name` of a Parquet: read if it was kept, else computed and kept. A file is written whole."""
    file = kept_folder(etag) / f"{name}.npy"
    if not file.exists():
        array = compute()
        with atomic_file(file) as new, new.open("wb") as stream:
            np.save(stream, array)
        forget_others(file.parent)
    return np.asarray(np.load(file), dtype=np.float32)


def keep_neighbours(etag: str, vectors: NDArray[np.float32]) -> Neighbours:
    """The neighbours of a Parquet's vectors."""
    file = kept_folder(etag) / "neighbours.npz"
    if not file.exists():
        found = find_neighbours(vectors)
        with atomic_file(file) as new, new.open("wb") as stream:
            np.savez(stream, positions=found.positions, distances=found.distances)
        forget_others(file.parent)
    with np.load(file) as arrays:
        return Neighbours(arrays["positions"], arrays["distances"])


def forget_others(folder: Path) -> None:
    """Delete what was kept of all but the latest collections."""
    others = [each for each in folder.parent.iterdir() if each != folder]
    others.sort(key=lambda each: each.stat().st_mtime, reverse=True)
    for each in others[FOLDERS - 1 :]:
        shutil.rmtree(each, ignore_errors=True)
