"""What runs in each of Ray's workers, on any machine: it reads, decodes and embeds pictures.

The network and the preparation are those of a run without Ray. A worker has no state that cannot be created again.
"""

import platform
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import ray

from jobs.embed import device, flow, quantized
from jobs.embed.engine import cpu_engine
from jobs.embed.model import Embedder, batched, load_network
from jobs.embed.on_ray import table
from jobs.embed.on_ray.workers import GROUP
from jobs.embed.plan import Work
from jobs.pictures.read import PictureSource, read_picture


@dataclass(frozen=True)
class WorkerSpec:
    """What a worker is created from. `files` is the network's files by name, as a reference to Ray's object store."""

    files: Any
    precision: str
    device: str
    source: PictureSource


class Worker:
    """Embeds tables of pictures of any length."""

    def __init__(self, spec: WorkerSpec) -> None:
        self.source = spec.source
        self.embed = build_embedder(spec)

    def __call__(self, pictures: pa.Table) -> pa.Table:
        """Return results in the order of the pictures. All have a fatal error if this machine lacks their folder."""
        vectors = np.zeros((len(pictures), table.DIMENSIONS), np.float32)
        if error := missing_folder(self.source):
            # Not an exception: Ray would pass on its text, but not its class.
            return table.results_to_table([error] * len(pictures), vectors, fatal=True)
        contents = table.table_to_pictures(pictures)
        items = [flow.read_item(self.source, Work(content, None, copy=False)) for content in contents]
        errors = [str(item.error) if item.error else None for item in items]
        crops = [item.crop for item in items if item.crop is not None]
        if crops:
            vectors[[item.crop is not None for item in items]] = self.embed(np.stack(crops))
        return table.results_to_table(errors, vectors)


def missing_folder(source: PictureSource) -> str | None:
    """Return a message if the folder is missing: its pictures would count as unreadable, and lose their rows."""
    if source.read is not read_picture or Path(source.name).is_dir():
        return None
    return (
        f"The machine {platform.node()} has no folder {source.name}: mount it there under the same path, or upload the "
        "pictures and embed with --from-blob."
    )


def build_embedder(spec: WorkerSpec) -> Embedder:
    """Load the network from its files."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        for name, data in ray.get(spec.files).items():
            Path(folder, name).write_bytes(data)
        if spec.precision == "int8":
            return quantized.read_network(Path(folder))[0]
        (weights,) = Path(folder).iterdir()
        net = load_network(weights, spec.precision, spec.device)
        if spec.device == "cpu":
            return cpu_engine(net, spec.precision).embed
        device.require_exact_math(spec.device)
        return batched(net, GROUP, spec.device)
