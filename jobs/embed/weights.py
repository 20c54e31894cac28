"""Which weights: a file, and the SHA-256 of its bytes. `imagenet` and `random` are files too.

torch is imported where weights are made: it takes seconds, and a run that finds nothing new does without it.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from jobs.errors import JobError
from jobs.provenance import Provenance
from jobs.state import state_folder, write_atomically

if TYPE_CHECKING:
    from torch import Tensor

NAMES = ("imagenet", "random")
ANEW = "embed all anew with --replace"
SEED = 0
CALIBRATION_PICTURES = 32
DOWNLOAD_SECONDS = 30


@dataclass(frozen=True)
class Weights:
    """`name` is imagenet, random, or the file's name; `sha256` in hexadecimal."""

    name: str
    sha256: str
    file: Path


class DownloadError(JobError):
    """The ImageNet weights are not here and cannot be fetched."""


def imagenet_weights() -> Weights:
    """torchvision's own IMAGENET1K_V1, downloaded by torchvision the first time, its hash checked."""
    import torch

    from jobs.embed.torch_ops import torchvision_models

    weights = torchvision_models().ResNet18_Weights.IMAGENET1K_V1
    try:
        with socket_timeout(DOWNLOAD_SECONDS), suppress_output():
            weights.get_state_dict(progress=False, check_hash=True)
    except (OSError, RuntimeError) as error:
        raise DownloadError(
            f"The ImageNet weights cannot be downloaded ({error}): try again with a network, or say --weights FILE "
            "(a ResNet18 state dict) or --weights random (seeded; vectors that show no likeness)."
        ) from error
    return weights_from_file(Path(torch.hub.get_dir()) / "checkpoints" / weights.url.rpartition("/")[2], "imagenet")


def weights_from_file(file: Path, name: str | None = None) -> Weights:
    """The weights in a file that somebody has.

    Raises Failure when it cannot be read.
    """
    try:
        with file.open("rb") as stream:
            return Weights(name or file.name, hashlib.file_digest(stream, "sha256").hexdigest(), file.resolve())
    except OSError as error:
        raise JobError(
            f"The weights {file} cannot be read ({error.strerror}): say --weights FILE where it is."
        ) from error


def random_weights(grey: Tensor) -> Weights:
    """Seeded weights whose BatchNorm statistics are those of (n, 224, 224) uint8 pictures; the same n, the same file.

    Untrained and not calibrated, every picture would come out almost alike.
    """
    import torch
    from torch import nn

    from jobs.embed.model import BATCH, resnet18
    from jobs.embed.prepare import normalised

    with torch.random.fork_rng():
        torch.manual_seed(SEED)
        network = resnet18()
    for layer in network.modules():
        if isinstance(layer, nn.BatchNorm2d):
            layer.momentum = None  # the plain mean over all batches
    network.train()
    with torch.inference_mode():
        for batch in grey[:CALIBRATION_PICTURES].split(BATCH):
            network(normalised(batch))
    stream = io.BytesIO()
    torch.save(network.state_dict(), stream)
    data = stream.getvalue()
    sha256 = hashlib.sha256(data).hexdigest()
    return Weights("random", sha256, save_weights(data, sha256))


def save_weights(data: bytes, sha256: str) -> Path:
    """Write random weights where the next run finds them, whole or not at all."""
    file = state_folder() / "weights" / f"random-{sha256[:12]}.pt"
    file.parent.mkdir(exist_ok=True)
    new = file.with_suffix(f".{os.getpid()}.new")
    new.write_bytes(data)
    new.replace(file)
    return file


def load_recorded(known: Provenance, wish: str | None) -> Weights:
    """The weights that filled a table, found again on this machine; a file that moved is told by the wish.

    Raises Failure when they are not here, or when the wish is for others.
    """
    named = wish in NAMES
    if named and wish != known.weights:
        raise JobError(f"The table is filled with weights {known.weights}, not {wish}: {ANEW}.")
    note = noted(known.sha256)
    if known.weights == "imagenet" and (named or wish is None) and not (note.exists() and seen(note).exists()):
        found = imagenet_weights()
    else:
        found = weights_from_file(Path(wish) if wish and not named else last_seen(known))
    if found.sha256 != known.sha256:
        which = f"{known.weights}, SHA-256 {known.sha256[:12]}..."
        raise JobError(
            f"{found.file} does not hold the weights that filled the table ({which}): give their file, or {ANEW}."
        )
    return Weights(known.weights, known.sha256, found.file)


def remember(weights: Weights) -> None:
    """Note where this machine has them: paths mean nothing elsewhere, so no database is told."""
    note = noted(weights.sha256)
    note.parent.mkdir(exist_ok=True)
    write_atomically(note, str(weights.file))


def noted(sha256: str) -> Path:
    return state_folder() / "weights" / f"{sha256}.path"


def seen(note: Path) -> Path:
    return Path(note.read_text(encoding="utf-8"))


def last_seen(known: Provenance) -> Path:
    note = noted(known.sha256)
    if not note.exists():
        which = f"{known.weights}, SHA-256 {known.sha256[:12]}..."
        raise JobError(f"The weights that filled the table ({which}) are not on this machine: say --weights FILE.")
    return seen(note)


@contextlib.contextmanager
def socket_timeout(seconds: float) -> Iterator[None]:
    """How long a silent server is waited for: without a limit, torch's download waits for ever."""
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(seconds)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)


@contextlib.contextmanager
def suppress_output() -> Iterator[None]:
    """torch tells of a download whatever it is asked, on stdout even, where the caller's JSON goes."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        yield
