"""The fastest way to embed so many pictures here: which device, which engine, how many pictures at a time.

All engines of one precision agree to a cosine of 0.999999, not to the last bit. A table may hold rows of several: what
is new, changed, renamed or a copy is known by the files' hashes, never by vectors; a copy takes its vector from the row
of the same content, bit for bit; and `migrate` and `verify` compare what is stored.
"""

import time
from dataclasses import dataclass

import torch

from jobs import terminal
from jobs.embed import compiled, device, quantised, winograd
from jobs.embed.model import BATCH, Embedder, Network, batched, load_network
from jobs.embed.options import EmbedOptions, ResolvedModel
from jobs.embed.recall import Recall

TRIES = 3
GROUP = 64  # pictures


@dataclass(frozen=True, kw_only=True)
class Engine:
    """`name` is eager, winograd, compiled or openvino; `threads` compute, on the processor.

    `streams` threads may call `embed` side by side, each with its share of those that compute.
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
        """Pictures to ask for at once: where streams work side by side, a batch, that they end together."""
        return self.batch if self.streams > 1 else max(GROUP, self.batch)

    def line(self, precision: str) -> str:
        return f"embed: {self.device}, {precision}, {self.name}, {self.threads} threads, {self.batch} pictures a batch"


def build_engine(chosen: ResolvedModel, wish: EmbedOptions, pictures: int) -> Engine:
    """Raises Failure where the device is not there, or the weights are no ResNet18."""
    where = device.choose_device(wish.device, chosen.precision)
    threads = torch.get_num_threads()
    if chosen.precision == "int8":
        made = chosen.quantised or quantised.load_quantized(chosen.network_sha256)
        streams = made.streams
        return Engine(embed=made.embed, name="openvino", device=where, batch=BATCH, threads=streams, recall=made.recall)
    net = load_network(chosen.weights.file, chosen.precision, where)
    if where == "cpu":
        return cpu_engine(net, chosen.precision, pictures, wish.compiled)
    device.require_exact_math(where)
    batch = device.best_batch(lambda size: measure_speed(net, size, where))
    return Engine(embed=batched(net, batch, where), name="eager", device=where, batch=batch, threads=threads)


def cpu_engine(net: Network, precision: str, pictures: int, wish: bool | None = None) -> Engine:
    """Winograd's way or, of enough pictures in bf16, compiled; as it is where there is no compiler or none is wished.

    fp32 does not depend on their number: what is left of a run that broke off gets the numbers it would have got. A
    stream a thread, for threads of one stream wait for each other.
    """
    threads = torch.get_num_threads()
    embed, name, batch = batched(net, BATCH), "eager", BATCH
    try:
        if precision == "fp32" and wish is not False:
            embed, name, batch = batched(winograd.build_winograd(net), winograd.BATCH), "winograd", winograd.BATCH
        if precision == "bf16" and (compiled.pays(pictures, precision) if wish is None else wish):
            embed, name = batched(compiled.compiled(net, precision), BATCH), "compiled"
    except compiled.NotCompiled as error:
        terminal.log(f"Not compiled ({error}): with a compiler, embedding would be faster. Going on without.")
    return Engine(embed=embed, name=name, device="cpu", batch=batch, threads=threads, streams=threads)


def measure_speed(net: Network, size: int, where: str) -> float:
    """Pictures a second in batches of a size, transfers included; 0 where the device's memory is too small."""
    embed, grey = batched(net, size, where), torch.zeros(size, 224, 224, dtype=torch.uint8)
    try:
        embed(grey)  # the first pass looks for algorithms
        started = time.perf_counter()
        for _ in range(TRIES):
            embed(grey)
    except torch.OutOfMemoryError:
        return 0.0
    return TRIES * size / (time.perf_counter() - started)
