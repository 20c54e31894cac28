"""int8: the network quantised by NNCF on the person's own pictures, run by OpenVINO on the processor.

A quantised network depends on the pictures that it was calibrated on: it is kept as `.local/networks/SHA256/`, its hash
recorded beside the table, and the table goes on with that one or not at all.
"""

import contextlib
import hashlib
import importlib
import importlib.util
import io
import json
import logging
import shutil
import tempfile
import warnings
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from jobs.embed.model import BATCH, Embedder, build_embedder, load_network
from jobs.embed.recall import SAMPLE, Recall, measure_recall
from jobs.errors import JobError
from jobs.state import state_folder, write_atomically

CALIBRATION_PICTURES = 128  # 300 quantise no better (recall 0.863 and 0.855 on drawn faces), and take twice as long
GRAPH, NUMBERS, REPORT = "network.xml", "network.bin", "recall.json"
INSTALL = "`python -m pip install -r requirements-openvino.txt`"


@dataclass(frozen=True)
class QuantizedNetwork:
    """`sha256`, in hexadecimal, is of the network's two files; `streams` batches run side by side."""

    sha256: str
    recall: Recall
    embed: Embedder
    streams: int


def require_packages(*packages: str) -> None:
    """Raises Failure where int8 lacks one of its packages."""
    for package in packages:
        if importlib.util.find_spec(package) is None:
            raise JobError(f"int8 needs {package}, which is not installed: {INSTALL}, or say --precision fp32.")


def quantize(weights: Path, sha256: str, sample: Callable[[int], Tensor]) -> QuantizedNetwork:
    """The network for these weights (whose hash is `sha256`) and pictures, made now or before, with its recall."""
    require_packages("openvino", "nncf")
    grey = sample(SAMPLE)
    made_of = hashlib.sha256(sha256.encode() + grey.numpy().tobytes()).hexdigest()
    note = networks_folder() / f"{made_of}.sha256"
    if note.exists() and (networks_folder() / note.read_text(encoding="utf-8") / REPORT).exists():
        return load_quantized(note.read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory(dir=networks_folder(), ignore_cleanup_errors=True) as temporary:
        new = Path(temporary)
        with suppress_output():
            calibrate(weights, grey, new)
        made, _ = compile_network(new)
        measured = measure_recall(build_embedder(weights, "fp32")(grey), made(grey))
        write_atomically(new / REPORT, json.dumps(asdict(measured)))
        final = network_hash(new)
        shutil.copytree(new, networks_folder() / final, dirs_exist_ok=True)
    write_atomically(note, final)
    return load_quantized(final)


def calibrate(weights: Path, grey: Tensor, new: Path) -> None:
    """Write the quantised network of the weights, its rounding chosen and its biases corrected on pictures."""
    openvino, nncf = importlib.import_module("openvino"), importlib.import_module("nncf")
    nncf.set_log_level(logging.ERROR)
    model = openvino.convert_model(load_network(weights), example_input=torch.zeros(BATCH, 224, 224, dtype=torch.uint8))
    model.reshape([BATCH, 224, 224])
    step = max(1, len(grey) // CALIBRATION_PICTURES)
    batches = [pad_batch(part.numpy()) for part in grey[::step][:CALIBRATION_PICTURES].split(BATCH)]
    made = nncf.quantize(model, nncf.Dataset(batches), subset_size=len(batches), fast_bias_correction=False)
    openvino.save_model(made, new / GRAPH, compress_to_fp16=False)


def load_quantized(sha256: str | None) -> QuantizedNetwork:
    """The network that filled a table, found again. Raises Failure where this machine does not have it."""
    require_packages("openvino")
    place = networks_folder() / str(sha256)
    if sha256 is None or not (place / REPORT).exists() or network_hash(place) != sha256:
        raise JobError(
            "The table is filled in int8 by a quantised network that is not on this machine: "
            "embed on the machine that made it, or all anew with --replace."
        )
    told = Recall(**json.loads((place / REPORT).read_text(encoding="utf-8")))
    embed, streams = compile_network(place)
    return QuantizedNetwork(sha256, told, embed, streams)


def compile_network(place: Path) -> tuple[Embedder, int]:
    """The network of a folder as a function of (n, 224, 224) uint8 pictures, and how many batches run side by side."""
    core = importlib.import_module("openvino").Core()
    # What is not int8 stays fp32: OpenVINO would take bf16 where a processor has it, and vectors would differ.
    hints = {"PERFORMANCE_HINT": "THROUGHPUT", "INFERENCE_PRECISION_HINT": "f32"}
    model = core.compile_model(core.read_model(place / GRAPH), "CPU", hints)
    streams = int(model.get_property("OPTIMAL_NUMBER_OF_INFER_REQUESTS"))
    requests = [model.create_infer_request() for _ in range(streams)]

    def embed(grey: Tensor) -> NDArray[np.float32]:
        out = np.empty((len(grey), 512), np.float32)
        pictures, busy = grey.numpy(), deque[tuple[Any, int]]()
        for number, start in enumerate(range(0, len(grey), BATCH)):
            if len(busy) == streams:
                collect(*busy.popleft(), out)
            request = requests[number % streams]
            # Never share_inputs: a request that once shared its input later writes into the caller's array.
            request.start_async({0: pad_batch(pictures[start : start + BATCH])}, share_inputs=False)
            busy.append((request, start))
        while busy:
            collect(*busy.popleft(), out)
        return out

    return embed, streams


def collect(request: Any, start: int, out: NDArray[np.float32]) -> None:
    """Copy a request's vectors to their rows, those of the filling left out."""
    request.wait()
    rows = out[start : start + BATCH]
    rows[:] = request.get_output_tensor(0).data[: len(rows)]


def pad_batch(pictures: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Up to 8 pictures as a batch of 8: the network takes no other."""
    return np.concatenate([pictures, np.zeros((BATCH - len(pictures), 224, 224), np.uint8)])


def network_hash(place: Path) -> str:
    return hashlib.sha256((place / GRAPH).read_bytes() + (place / NUMBERS).read_bytes()).hexdigest()


def networks_folder() -> Path:
    made = state_folder() / "networks"
    made.mkdir(exist_ok=True)
    return made


@contextlib.contextmanager
def suppress_output() -> Iterator[None]:
    """NNCF draws bars on stdout, where the caller's JSON goes, and torch warns of being traced."""
    with (
        contextlib.redirect_stdout(io.StringIO()),
        contextlib.redirect_stderr(io.StringIO()),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore")
        yield
