"""The pool of Ray's workers: how many there are, their device, and the network's files."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ray
from ray.exceptions import RayError, RayTaskError

from jobs.embed import quantized
from jobs.embed.on_ray import session
from jobs.embed.options import EmbedOptions, ResolvedModel
from jobs.embed.recall import Recall
from jobs.errors import JobError

GROUP = 64  # pictures per task of a worker: a second's work for a core, and its vectors are 100 KB


@dataclass(frozen=True, kw_only=True)
class Workers:
    """`device` is cpu or cuda, one core or one GPU per worker. `files` is the network's, in Ray's object store."""

    number: int
    machines: int
    device: str
    precision: str
    files: Any
    recall: Recall | None = None
    name: str = "ray"
    batch: int = GROUP

    def line(self, precision: str) -> str:
        machines = "this machine" if self.machines == 1 else f"{self.machines} machines"
        workers = f"{self.number} workers on {machines}, {self.batch} pictures at a time"
        return f"embed: {self.device}, {precision}, ray, {workers}"


@contextmanager
def start_workers(model: ResolvedModel, options: EmbedOptions) -> Iterator[Workers]:
    """Connect to Ray for the block. Raises JobError if that fails, or if a worker fails in the block."""
    files, recall = network_files(model)
    with session.ray_session(options.ray or session.LOCAL), translate_ray_errors():
        resources = ray.cluster_resources()
        device = "cuda" if model.precision != "int8" and options.device != "cpu" and resources.get("GPU") else "cpu"
        yield Workers(
            number=max(1, int(resources.get("GPU" if device == "cuda" else "CPU", 1))),
            machines=sum(node["Alive"] for node in ray.nodes()),
            device=device,
            precision=model.precision,
            files=ray.put(files),
            recall=recall,
        )


@contextmanager
def translate_ray_errors() -> Iterator[None]:
    """Raise a worker's JobError as it would be raised without Ray, and every other error of Ray as a JobError."""
    try:
        yield
    except RayError as error:
        cause = error.cause if isinstance(error, RayTaskError) else error
        if isinstance(cause, JobError):
            raise JobError(str(cause), cause.kind) from error
        first = str(cause).strip().splitlines()[0]
        raise JobError(
            f"Ray's workers failed ({type(cause).__name__}: {first}): run the same command again."
        ) from error


def network_files(model: ResolvedModel) -> tuple[dict[str, bytes], Recall | None]:
    """Return the files that a worker loads the network from, by name: other machines do not have them."""
    if model.precision != "int8":
        return read_files(model.weights.file), None
    network = model.quantized or quantized.load_quantized(model.network_sha256)
    folder = quantized.networks_folder() / network.sha256
    return read_files(folder / quantized.GRAPH, folder / quantized.NUMBERS), network.recall


def read_files(*files: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in files}
