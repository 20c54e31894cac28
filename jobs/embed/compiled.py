"""The network in bf16, compiled for this processor by torch.compile, its weights folded in (inductor's "freezing").

The kernels are kept as `.local/kernels/KEY.zip`. They hold no weights: those enter when the network is traced, each
time. A run unpacks them into a folder of its own, where inductor finds each by the hash of its source, and compiles
what is missing or unusable; so two runs never meet, and a torn, old or foreign archive costs time only.
"""

import hashlib
import os
import platform
import sys
import tempfile
import warnings
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from torch import Tensor

from jobs.embed.model import BATCH, Network
from jobs.state import state_folder

# Starting takes 12 to 20 s where kernels are compiled, 5 s where they are kept; each picture then takes up to 1 ms less
# (two cores, Zen 4: 104 -> 107 pictures/s; Zen 5: 212 -> 262).
PAYS_FROM, PAYS_FROM_KEPT = 16_000, 5_000  # pictures
OPTIONS: dict[str, str | int | bool | Callable[..., object]] = {"freezing": True, "compile_threads": 1}
FOLDER = "TORCHINDUCTOR_CACHE_DIR"


class NotCompiled(Exception):
    """The text says why: mostly, there is no C++ compiler."""


def pays(pictures: int, precision: str) -> bool:
    """Whether so many pictures are worth the start."""
    return pictures >= (PAYS_FROM_KEPT if kernels(precision).exists() else PAYS_FROM)


def compiled(network: Network, precision: str) -> Callable[[Tensor], Tensor]:
    """The network for batches of at most 8, asked by threads of which each computes alone.

    Its vectors are those of the network but for the last bits (cosine 0.999999). Raises NotCompiled.
    """
    example = torch.zeros(BATCH, 224, 224, dtype=torch.uint8)
    try:
        with alone(), unpacked(kernels(precision)), warnings.catch_warnings(), torch.inference_mode():
            warnings.simplefilter("ignore")  # of torch about torch
            forward = torch.compile(network, dynamic=False, options=OPTIONS)
            forward(example)
    except RuntimeError as error:  # what everything inductor fails of arrives as
        raise NotCompiled(str(error).splitlines()[0]) from error

    def padded(grey: Tensor) -> Tensor:
        """A shorter batch would be another shape, compiled anew."""
        whole = grey if len(grey) == BATCH else torch.cat([grey, example[len(grey) :]])
        vectors: Tensor = forward(whole)
        return vectors[: len(grey)]

    return padded


def kernels(precision: str) -> Path:
    """The archive for this torch on this processor."""
    parts = (torch.__version__, sys.version, platform.machine(), sorted(torch.cpu.get_capabilities().items()))
    key = hashlib.sha256(repr((parts, precision, BATCH)).encode()).hexdigest()
    return state_folder() / "kernels" / f"{precision}-{key[:16]}.zip"


@contextmanager
def alone() -> Iterator[None]:
    """One thread for the block: kernels are made for a number of threads."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


@contextmanager
def unpacked(archive: Path) -> Iterator[None]:
    """Have inductor work in a folder with the archive's files; what it makes becomes the archive where there is none.

    The folder goes at the end: kernels that were loaded stay. (Windows keeps them, and the folder, until a clean-up.)
    """
    before = os.environ.get(FOLDER)
    with tempfile.TemporaryDirectory(prefix="kernels-", ignore_cleanup_errors=True) as folder:
        os.environ[FOLDER] = folder
        try:
            usable = unpack(archive, Path(folder))
            yield
            if not usable:
                pack(Path(folder), archive)
        finally:
            del os.environ[FOLDER]
            if before is not None:
                os.environ[FOLDER] = before


def unpack(archive: Path, folder: Path) -> bool:
    """Whether there was a whole archive."""
    try:
        with zipfile.ZipFile(archive) as packed:
            whole = packed.testzip() is None
            if whole:
                packed.extractall(folder)
            return whole
    except (OSError, zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError):
        return False  # whatever a torn or foreign file makes zipfile raise


def pack(folder: Path, archive: Path) -> None:
    """Keep what inductor made, whole or not at all; nothing, where it took all from memory."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() and path.suffix != ".lock"]
    if not files:
        return
    archive.parent.mkdir(exist_ok=True)
    new = archive.with_suffix(f".{os.getpid()}.new")
    with zipfile.ZipFile(new, "w", zipfile.ZIP_DEFLATED) as packed:
        for path in files:
            packed.write(path, path.relative_to(folder).as_posix())
    new.replace(archive)
