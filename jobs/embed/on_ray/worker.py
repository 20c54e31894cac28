"""What runs in each of Ray's workers, on whichever machine: pictures are read, decoded and embedded.

The network and the preparation are those of a run without Ray; a worker holds nothing that cannot be made again.
"""

import platform
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import ray
import torch

from jobs.embed import device, flow, quantised
from jobs.embed.engine import cpu_engine
from jobs.embed.model import Embedder, batched, load_network
from jobs.embed.on_ray import table
from jobs.embed.on_ray.workers import GROUP
from jobs.pictures.read import PictureSource, UnreadableError, read_picture

FATAL = "!"  # before a problem that ends the run: Ray passes on the text of an exception, but not its kind


@dataclass(frozen=True)
class WorkerSpec:
    """What a worker is made of.

    `files` are the network's, by name, as a reference to Ray's object store.
    """

    files: Any
    precision: str
    device: str
    origin: PictureSource


class Worker:
    """Embeds tables of pictures, as many as it is given."""

    def __init__(self, parcel: WorkerSpec) -> None:
        self.origin = parcel.origin
        self.embed = build_embedder(parcel)

    def __call__(self, pictures: pa.Table) -> pa.Table:
        """Results in the order of the pictures; all of them FATAL where nothing of it may be written."""
        if problem := missing_files(self.origin):
            return table.results_to_table(
                [FATAL + problem] * len(pictures), np.zeros((len(pictures), table.DIMENSIONS), np.float32)
            )
        read = [flow.read_crop(self.origin, known) for known in table.table_to_pictures(pictures)]
        problems = [str(crop) if isinstance(crop, UnreadableError) else None for crop in read]
        usable = [crop for crop in read if isinstance(crop, torch.Tensor)]
        vectors = np.zeros((len(read), table.DIMENSIONS), np.float32)
        if usable:
            vectors[[problem is None for problem in problems]] = self.embed(torch.cat(usable))
        return table.results_to_table(problems, vectors)


def missing_files(origin: PictureSource) -> str | None:
    """What to tell where a folder is not there: its pictures would count as unreadable, and lose their rows."""
    if origin.read is not read_picture or Path(origin.name).is_dir():
        return None
    return (
        f"The machine {platform.node()} has no folder {origin.name}: mount it there under the same path, or upload the "
        "pictures and embed with --from-blob."
    )


def build_embedder(parcel: WorkerSpec) -> Embedder:
    """The network, made of its files."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        for name, data in ray.get(parcel.files).items():
            Path(folder, name).write_bytes(data)
        if parcel.precision == "int8":
            return quantised.compile_network(Path(folder))[0]
        (weights,) = Path(folder).iterdir()
        net = load_network(weights, parcel.precision, parcel.device)
        if parcel.device == "cpu":
            return cpu_engine(net, parcel.precision, 0).embed
        device.require_exact_math(parcel.device)
        return batched(net, GROUP, parcel.device)
