"""int8: the network quantized by NNCF on the user's own pictures, run by OpenVINO on the processor.

A quantized network depends on the pictures that it was calibrated on. It is kept as `.local/networks/SHA256/`, and its
hash is recorded beside the table: the table continues with that network or not at all.
"""

import hashlib
import importlib
import importlib.util
import json
import logging
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from jobs.embed.model import BATCH, Embedder, build_embedder, load_network
from jobs.embed.openvino_network import compile_network, convert_network, pad_batch
from jobs.embed.recall import SAMPLE, Recall, measure_recall
from jobs.embed.suppress import suppress_output
from jobs.errors import ErrorKind, JobError
from jobs.notice import say_if_slow
from jobs.state import atomic_file, exclusive_lock, state_folder, write_atomically

# With 128, recall on 1,500 drawn faces is the same (0.840 and 0.835, 0.841 and 0.844 with two weights), and it takes 17
# CPU seconds in place of 12. NNCF's fast bias correction takes 4 less than its slow one, for 0.821: not taken.
CALIBRATION_PICTURES = 64
GRAPH, NUMBERS, REPORT = "network.xml", "network.bin", "recall.json"
UNFINISHED = "unfinished"
INSTALL = "`python -m pip install -r requirements-openvino.txt`"


@dataclass(frozen=True)
class QuantizedNetwork:
    """`sha256`, in hexadecimal, is that of the network's two files; `streams` is the number of parallel batches."""

    sha256: str
    recall: Recall
    embed: Embedder
    streams: int


def require_packages(*packages: str) -> None:
    """Raises JobError if one of int8's packages is not installed."""
    for package in packages:
        if importlib.util.find_spec(package) is None:
            raise JobError(
                f"int8 needs {package}, which is not installed: {INSTALL}, or use --precision fp32.",
                ErrorKind.unavailable,
            )


def quantize(weights: Path, sha256: str, sample: Callable[[int], NDArray[np.uint8]]) -> QuantizedNetwork:
    """Return the network for these weights (whose hash is `sha256`) and pictures: from an earlier run, or a new one."""
    require_packages("openvino", "nncf")
    grey = sample(SAMPLE)
    key = hashlib.sha256(sha256.encode() + grey.tobytes()).hexdigest()
    record = networks_folder() / f"{key}.sha256"
    with exclusive_lock("networks.lock", "Another command has been quantizing a network"):
        network_sha256 = read_record(record)
        if network_sha256 is None:
            network_sha256 = build_quantized(weights, grey)
            write_atomically(record, network_sha256)
    return load_quantized(network_sha256)


def read_record(record: Path) -> str | None:
    """The hash of the network that an earlier run built; None where there is none, or not all of its files."""
    if not record.exists():
        return None
    sha256 = record.read_text(encoding="utf-8")
    return sha256 if (networks_folder() / sha256 / REPORT).exists() else None


def build_quantized(weights: Path, grey: NDArray[np.uint8]) -> str:
    """Quantize the network on pictures, measure its recall, and keep both. Return the network's hash.

    The caller has the lock. A killed run leaves its folder: the next one empties it.
    """
    folder = networks_folder() / UNFINISHED
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(exist_ok=True)
    with say_if_slow("Quantizing the network on your pictures"), suppress_output():
        calibrate(weights, grey, folder)
    embed, _ = read_network(folder)
    recall = measure_recall(build_embedder(weights, "fp32")(grey), embed(grey))
    sha256 = network_hash(folder)
    final = networks_folder() / sha256
    final.mkdir(exist_ok=True)
    for name in (NUMBERS, GRAPH):
        with atomic_file(final / name) as new:
            shutil.copyfile(folder / name, new)
    # Last: a folder with a report is complete.
    write_atomically(final / REPORT, json.dumps(asdict(recall)))
    shutil.rmtree(folder, ignore_errors=True)  # on Windows it stays: OpenVINO has its file open
    return sha256


def calibrate(weights: Path, grey: NDArray[np.uint8], folder: Path) -> None:
    """Write the quantized network: NNCF chooses its scales and corrects its biases on the pictures."""
    openvino, nncf = importlib.import_module("openvino"), importlib.import_module("nncf")
    nncf.set_log_level(logging.ERROR)
    model = convert_network(load_network(weights))
    step = max(1, len(grey) // CALIBRATION_PICTURES)
    chosen = grey[::step][:CALIBRATION_PICTURES]
    batches = [pad_batch(chosen[start : start + BATCH]) for start in range(0, len(chosen), BATCH)]
    quantized = nncf.quantize(model, nncf.Dataset(batches), subset_size=len(batches), fast_bias_correction=False)
    openvino.save_model(quantized, folder / GRAPH, compress_to_fp16=False)


def load_quantized(sha256: str | None) -> QuantizedNetwork:
    """Return the network that filled a table. Raises JobError if this machine does not have it."""
    require_packages("openvino")
    folder = networks_folder() / str(sha256)
    if sha256 is None or not (folder / REPORT).exists() or network_hash(folder) != sha256:
        raise JobError(
            "The table is filled in int8 by a quantized network that is not on this machine: embed on the machine that "
            "calibrated it, or embed all pictures again with --replace.",
            ErrorKind.not_found,
        )
    recall = Recall(**json.loads((folder / REPORT).read_text(encoding="utf-8")))
    embed, streams = read_network(folder)
    return QuantizedNetwork(sha256, recall, embed, streams)


def read_network(folder: Path) -> tuple[Embedder, int]:
    """The network in a folder, as a function of (n, 224, 224) uint8 pictures, and its streams.

    What is not int8 stays fp32: OpenVINO would use bf16 where a processor has it, and the vectors would differ.
    """
    return compile_network(importlib.import_module("openvino").Core().read_model(folder / GRAPH), "f32")


def network_hash(folder: Path) -> str:
    return hashlib.sha256((folder / GRAPH).read_bytes() + (folder / NUMBERS).read_bytes()).hexdigest()


def networks_folder() -> Path:
    folder = state_folder() / "networks"
    folder.mkdir(exist_ok=True)
    return folder
