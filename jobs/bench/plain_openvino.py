"""OpenVINO, as its documentation shows it: a converted model, batches of 8, an asynchronous queue, throughput mode.

https://docs.openvino.ai/2025/openvino-workflow/running-inference/optimize-inference/high-level-performance-hints.html
"""

import importlib
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.utils.data import DataLoader

from jobs.bench.naive import load_torchvision
from jobs.bench.plain_torch import BATCH, Faces, write_rows
from jobs.embed.suppress import suppress_output
from jobs.pictures.scan import find_pictures

CALIBRATION_PICTURES = 128
HINTS = {"fp32": "f32", "bf16": "bf16", "int8": "f32"}


def run_openvino(directory: Path, url: str, weights: Path, limit: int, precision: str) -> int:
    """Embed up to `limit` pictures, for int8 after quantizing the model, and write their rows. Returns their number."""
    pictures = find_pictures(directory).pictures[:limit]
    faces = Faces(pictures)
    openvino = importlib.import_module("openvino")
    with suppress_output():
        model = openvino.convert_model(load_torchvision(weights), example_input=torch.zeros(BATCH, 3, 224, 224))
        model.reshape([BATCH, 3, 224, 224])
        if precision == "int8":
            model = quantize(model, faces)
    hints = {"PERFORMANCE_HINT": "THROUGHPUT", "INFERENCE_PRECISION_HINT": HINTS[precision]}
    queue = openvino.AsyncInferQueue(openvino.Core().compile_model(model, "CPU", hints))
    vectors = np.empty((len(pictures), 512), np.float32)

    def keep(request: Any, start: int) -> None:
        rows = vectors[start : start + BATCH]
        rows[:] = request.get_output_tensor(0).data[: len(rows)]

    queue.set_callback(keep)
    for number, batch in enumerate(batches(faces)):
        queue.start_async({0: batch}, number * BATCH)
    queue.wait_all()
    write_rows(url, pictures, list(vectors))
    return len(pictures)


def quantize(model: Any, faces: Faces) -> Any:
    """NNCF's quantization with its default, the fast bias correction."""
    nncf = importlib.import_module("nncf")
    nncf.set_log_level(logging.ERROR)
    step = max(1, len(faces) // CALIBRATION_PICTURES)
    sample = Faces(faces.pictures[::step][:CALIBRATION_PICTURES])
    return nncf.quantize(model, nncf.Dataset(list(batches(sample))), subset_size=-(-len(sample) // BATCH))


def batches(faces: Faces) -> Iterator[NDArray[np.float32]]:
    """Batches of (8, 3, 224, 224), the last one filled up with zeros."""
    for batch in DataLoader(faces, batch_size=BATCH):
        pictures: NDArray[np.float32] = batch.numpy()
        yield np.concatenate([pictures, np.zeros((BATCH - len(pictures), 3, 224, 224), np.float32)])
