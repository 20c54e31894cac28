"""The fastest way to embed on this machine: which device, which engine, how many pictures in a batch.

All engines of one precision agree to a cosine of 0.999999, not to the last bit. A table may hold rows of several
engines. What is new, changed, renamed or a copy is decided by the files' hashes, never by vectors; a copy gets the
vector of the row with the same content, bit for bit; `migrate` and `verify` compare what is stored.
"""

import time
from dataclasses import dataclass
from functools import cache, partial

import numpy as np
import torch

from jobs import terminal
from jobs.embed import device, quantized
from jobs.embed.fastest import Way, choose_way
from jobs.embed.model import BATCH, Embedder, Network, batched, load_network
from jobs.embed.openvino_network import openvino_ways
from jobs.embed.options import EmbedOptions, ResolvedModel
from jobs.embed.recall import Recall
from jobs.embed.winograd.convolution import BmmConvolution, PackedConvolution
from jobs.embed.winograd.kernels import KernelsUnavailableError, load_kernels
from jobs.embed.winograd.network import WINOGRAD_BATCH, build_winograd

TRIES = 3
GROUP = 64  # pictures


@dataclass(frozen=True, kw_only=True)
class Engine:
    """`embed` computes vectors; `name` is eager, winograd, winograd-bmm or openvino. `threads` is the processor's
    threads in use.

    `streams` threads may call `embed` at the same time, each with its share of `threads`.
    """

    embed: Embedder
    name: str
    device: str
    batch: int
    threads: int
    streams: int = 1
    recall: Recall | None = None

    @property
    def group(self) -> int:
        """Pictures per call of `embed`: one batch where several streams run, so that they end at the same time."""
        return self.batch if self.streams > 1 else max(GROUP, self.batch)

    def line(self, precision: str) -> str:
        return f"embed: {self.device}, {precision}, {self.name}, {self.threads} threads, {self.batch} pictures a batch"


def build_engine(model: ResolvedModel, options: EmbedOptions, pictures: int) -> Engine:
    """Return the fastest engine for a run of so many pictures.

    Raises JobError if the device is not available or the weights are not a ResNet18's.
    """
    chosen = device.choose_device(options.device, model.precision)
    threads = torch.get_num_threads()
    if model.precision == "int8":
        network = model.quantized or quantized.load_quantized(model.network_sha256)
        return Engine(
            embed=network.embed,
            name="openvino",
            device=chosen,
            batch=BATCH,
            threads=network.streams,
            recall=network.recall,
        )
    net = load_network(model.weights.file, model.precision, chosen)
    if chosen == "cpu":
        return cpu_engine(net, model.precision, options.winograd, pictures)
    device.require_exact_math(chosen)
    batch = device.best_batch(lambda size: measure_speed(net, size, chosen))
    return Engine(embed=batched(net, batch, chosen), name="eager", device=chosen, batch=batch, threads=threads)


def cpu_engine(net: Network, precision: str, winograd: bool = True, pictures: int = 0) -> Engine:
    """Return the fastest way on this processor, for a run of so many pictures.

    Without measuring it is Winograd's convolutions for fp32, and the network as it is (eager) for bf16 or where their
    kernels are not available.
    """
    way = choose_way(list_ways(net, precision, winograd, pictures), precision, pictures)
    threads = torch.get_num_threads()
    return Engine(embed=way.build(), name=way.name, device="cpu", batch=way.batch, threads=threads, streams=way.streams)


def list_ways(net: Network, precision: str, winograd: bool = True, pictures: int = 0) -> list[Way]:
    """Return the ways to compute on the processor for a run of so many pictures, the most likely one first."""
    if precision == "fp32" and winograd:
        try:
            return [*winograd_ways(net), *eager_ways(net)]
        except KernelsUnavailableError as error:
            terminal.log(f"Winograd's kernels are not available ({error}): embedding continues without them, slower.")
    return [*eager_ways(net), *(openvino_ways(net, pictures) if precision == "bf16" else [])]


def eager_ways(net: Network) -> list[Way]:
    """Return the network as it is. One stream per thread is first: the threads of one stream wait for each other."""
    threads = torch.get_num_threads()
    ways = [Way("eager", partial(batched, net, size), size, threads) for size in (BATCH, 2 * BATCH)]
    return ways if threads == 1 else [*ways, Way("eager", partial(batched, net, 4 * BATCH), 4 * BATCH, 1)]


def winograd_ways(net: Network) -> list[Way]:
    """Return the network with Winograd's convolutions. Raises KernelsUnavailableError."""
    kernels, threads = load_kernels(), torch.get_num_threads()
    packed = cache(partial(build_winograd, net, kernels, PackedConvolution))
    bmm = cache(partial(build_winograd, net, kernels, BmmConvolution))
    return [
        Way("winograd", lambda: batched(packed(), WINOGRAD_BATCH), WINOGRAD_BATCH, threads),
        Way("winograd", lambda: batched(packed(), 2 * WINOGRAD_BATCH), 2 * WINOGRAD_BATCH, threads),
        Way("winograd-bmm", lambda: batched(bmm(), WINOGRAD_BATCH), WINOGRAD_BATCH, threads),
    ]


def measure_speed(net: Network, size: int, device_name: str) -> float:
    """Return pictures per second in batches of `size`, transfers included; 0 if the device's memory is too small."""
    embed, grey = batched(net, size, device_name), np.zeros((size, 224, 224), np.uint8)
    try:
        embed(grey)  # the first pass selects algorithms
        started = time.perf_counter()
        for _ in range(TRIES):
            embed(grey)
    except torch.OutOfMemoryError:
        return 0.0
    return TRIES * size / (time.perf_counter() - started)
