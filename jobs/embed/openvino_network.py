"""A network run by OpenVINO on the processor: converted from torch, batches in parallel requests."""

import importlib
import importlib.util
from collections import deque
from functools import partial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from jobs.embed.fastest import Way
from jobs.embed.model import BATCH, VECTOR, Embedder, Network
from jobs.embed.suppress import suppress_output

CONVERTED_FROM = 4000  # pictures: the conversion takes 5 CPU seconds in each run
GROUP = 64  # pictures a call: all requests have work


def openvino_ways(net: Network, pictures: int) -> list[Way]:
    """OpenVINO in bf16 for a run of many pictures, where it is installed. It has threads and streams of its own."""
    if pictures < CONVERTED_FROM or importlib.util.find_spec("openvino") is None:
        return []
    return [Way("openvino", partial(build_bf16, net), GROUP, 1)]


def build_bf16(net: Network) -> Embedder:
    """The network in bf16. The graph is of fp32: OpenVINO chooses where it rounds, as autocast does."""
    with suppress_output():
        model = convert_network(Network(net.resnet, "fp32", net.device).eval())
    return compile_network(model, "bf16")[0]


def convert_network(net: Network) -> Any:
    """OpenVINO's model of the network, for (8, 224, 224) uint8 pictures."""
    openvino = importlib.import_module("openvino")
    model = openvino.convert_model(net, example_input=torch.zeros(BATCH, 224, 224, dtype=torch.uint8))
    model.reshape([BATCH, 224, 224])
    return model


def compile_network(model: Any, precision: str) -> tuple[Embedder, int]:
    """Return the network as a function of (n, 224, 224) uint8 pictures, and how many batches it runs in parallel.

    `precision` is OpenVINO's name of what is computed in: f32 or bf16.
    """
    hints = {"PERFORMANCE_HINT": "THROUGHPUT", "INFERENCE_PRECISION_HINT": precision}
    compiled = importlib.import_module("openvino").Core().compile_model(model, "CPU", hints)
    streams = int(compiled.get_property("OPTIMAL_NUMBER_OF_INFER_REQUESTS"))
    requests = [compiled.create_infer_request() for _ in range(streams)]

    def embed(grey: NDArray[np.uint8]) -> NDArray[np.float32]:
        out = np.empty((len(grey), VECTOR), np.float32)
        busy = deque[tuple[Any, int]]()
        for number, start in enumerate(range(0, len(grey), BATCH)):
            if len(busy) == streams:
                collect(*busy.popleft(), out)
            request = requests[number % streams]
            # Never share_inputs: a request that once shared its input later writes into the caller's array.
            request.start_async({0: pad_batch(grey[start : start + BATCH])}, share_inputs=False)
            busy.append((request, start))
        while busy:
            collect(*busy.popleft(), out)
        return out

    return embed, streams


def collect(request: Any, start: int, out: NDArray[np.float32]) -> None:
    """Wait for a request, and copy its vectors to their rows, without those of the padding."""
    request.wait()
    rows = out[start : start + BATCH]
    rows[:] = request.get_output_tensor(0).data[: len(rows)]


def pad_batch(pictures: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Fill up to 8 pictures to a batch of 8: the network accepts no other size."""
    return np.concatenate([pictures, np.zeros((BATCH - len(pictures), 224, 224), np.uint8)])
