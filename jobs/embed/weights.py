"""Weights: a file, and the SHA-256 of its bytes. `imagenet` and `random` are files too.

torch takes seconds to import: functions that create weights import it.
"""

from __future__ import annotations

import errno
import hashlib
import io
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from jobs.embed.download import imagenet_file
from jobs.errors import ErrorKind, JobError
from jobs.hashes import hash_file
from jobs.notice import say_if_slow
from jobs.provenance import Provenance
from jobs.state import atomic_file, state_folder, write_atomically

if TYPE_CHECKING:
    from torch import nn

NAMES = ("imagenet", "random")
REPLACE = "embed all pictures again with `python -m jobs embed DIR --replace{}`"
SEED = 0
CALIBRATION_PICTURES = 32
MAX_BYTES = 2**30  # a ResNet18 has 45 MB


@dataclass(frozen=True)
class Weights:
    """`name` is imagenet, random, or the file's name; `sha256` is in hexadecimal."""

    name: str
    sha256: str
    file: Path


def imagenet_weights() -> Weights:
    """Return torchvision's IMAGENET1K_V1, downloaded the first time. Raises JobError."""
    return weights_from_file(imagenet_file(), "imagenet")


def weights_from_file(file: Path, name: str | None = None) -> Weights:
    """Return the weights in a file. Raises JobError if it cannot be read."""
    try:
        if file.exists() and not file.is_file():  # a pipe or a device has no end
            raise OSError(errno.EINVAL, "it is not a file")
        if file.stat().st_size > MAX_BYTES:
            raise OSError(errno.EFBIG, f"it is larger than {MAX_BYTES // 2**20} MiB")
        return Weights(name or file.name, hash_file(file), file.resolve())
    except OSError as error:
        raise JobError(
            f"The weights {file} cannot be read ({error.strerror}): give a file with --weights FILE.",
            ErrorKind.not_found if isinstance(error, FileNotFoundError) else ErrorKind.invalid,
        ) from error


def random_weights(grey: NDArray[np.uint8]) -> Weights:
    """Create seeded weights, and store them in the state folder. The same (n, 224, 224) pictures give the same file.

    BatchNorm's statistics are those of the pictures: without calibration, the vectors of all pictures are almost equal.
    """
    stream = io.BytesIO()
    with say_if_slow("Calibrating random weights"):
        import torch

        torch.save(calibrate_random(grey).state_dict(), stream)
    data = stream.getvalue()
    sha256 = hashlib.sha256(data).hexdigest()
    return Weights("random", sha256, save_weights(data, sha256))


def calibrate_random(grey: NDArray[np.uint8]) -> nn.Module:
    """Return a ResNet18 with random weights of one seed, its BatchNorm statistics computed from pictures."""
    import torch
    from torch import nn

    from jobs.embed.model import BATCH, normalize, resnet18

    with torch.random.fork_rng():
        torch.manual_seed(SEED)
        network = resnet18()
    for layer in network.modules():
        if isinstance(layer, nn.BatchNorm2d):
            layer.momentum = None  # the mean over all batches, not a moving average
    network.train()
    with torch.inference_mode():
        for batch in torch.from_numpy(grey[:CALIBRATION_PICTURES]).split(BATCH):
            network(normalize(batch))
    return network


def save_weights(data: bytes, sha256: str) -> Path:
    """Write random weights to the state folder. Return their file."""
    file = weights_folder() / f"random-{sha256[:12]}.pt"
    with atomic_file(file) as new:
        new.write_bytes(data)
    return file


def load_recorded(recorded: Provenance, requested: str | None) -> Weights:
    """Return the weights that filled a table, from this machine. `requested` may be the file they were moved to.

    Raises JobError if they are not on this machine, or if other weights are requested.
    """
    named = requested in NAMES
    if named and requested != recorded.weights:
        raise JobError(
            f"The table is filled with weights {recorded.weights}, not {requested}: "
            f"{REPLACE.format(f' --weights {requested}')}.",
            ErrorKind.conflict,
        )
    if recorded.weights == "imagenet" and (named or requested is None) and not is_remembered(recorded):
        loaded = imagenet_weights()
    else:
        loaded = weights_from_file(Path(requested) if requested and not named else remembered_file(recorded))
    if loaded.sha256 != recorded.sha256:
        raise JobError(
            f"{loaded.file} does not hold the weights that filled the table ({describe(recorded)}): give their file, "
            f"or {REPLACE.format(' --weights FILE')}.",
            ErrorKind.conflict,
        )
    return Weights(recorded.weights, recorded.sha256, loaded.file)


def remember(weights: Weights) -> None:
    """Record where weights are on this machine: in the state folder, because a path means nothing on another one."""
    write_atomically(path_record(weights.sha256), str(weights.file))


def is_remembered(recorded: Provenance) -> bool:
    """Return whether this machine has a record of these weights, and the file exists."""
    record = path_record(recorded.sha256)
    return record.exists() and Path(record.read_text(encoding="utf-8")).exists()


def remembered_file(recorded: Provenance) -> Path:
    """Return the file that these weights had when they were last used. Raises JobError if there is no record."""
    record = path_record(recorded.sha256)
    if not record.exists():
        raise JobError(
            f"The weights that filled the table ({describe(recorded)}) are not on this machine: give them with "
            "--weights FILE.",
            ErrorKind.not_found,
        )
    return Path(record.read_text(encoding="utf-8"))


def path_record(sha256: str) -> Path:
    return weights_folder() / f"{sha256}.path"


def weights_folder() -> Path:
    folder = state_folder() / "weights"
    folder.mkdir(exist_ok=True)
    return folder


def describe(recorded: Provenance) -> str:
    return f"{recorded.weights}, SHA-256 {recorded.sha256[:12]}..."
