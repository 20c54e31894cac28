"""The pool of workers: how many, what of, and what the network is made of there."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ray
from ray.exceptions import RayError, RayTaskError

from jobs.embed import quantised
from jobs.embed.on_ray import session
from jobs.embed.options import EmbedOptions, ResolvedModel
from jobs.embed.recall import Recall
from jobs.errors import JobError

GROUP = 64  # pictures a worker is handed at a time: a second's work for a core, 100 KB to send for their vectors


@dataclass(frozen=True, kw_only=True)
class Workers:
    """`device` is cpu or cuda, one core or one GPU a worker. `files` are the network's, in Ray's object store."""

    number: int
    machines: int
    device: str
    precision: str
    files: Any
    recall: Recall | None = None
    name: str = "ray"
    batch: int = GROUP

    def line(self, precision: str) -> str:
        where = "this machine" if self.machines == 1 else f"{self.machines} machines"
        how = f"{self.number} workers on {where}, {self.batch} pictures at a time"
        return f"embed: {self.device}, {precision}, ray, {how}"


@contextmanager
def start_workers(chosen: ResolvedModel, wish: EmbedOptions) -> Iterator[Workers]:
    """Connect to Ray for the block. Raises Failure where that cannot be done, or what is done there fails."""
    files, told = network_files(chosen)
    with session.ray_session(wish.ray or session.HERE), translate_ray_errors():
        there = ray.cluster_resources()
        device = "cuda" if chosen.precision != "int8" and wish.device != "cpu" and there.get("GPU") else "cpu"
        yield Workers(
            number=max(1, int(there.get("GPU" if device == "cuda" else "CPU", 1))),
            machines=sum(node["Alive"] for node in ray.nodes()),
            device=device,
            precision=chosen.precision,
            files=ray.put(files),
            recall=told,
        )


@contextmanager
def translate_ray_errors() -> Iterator[None]:
    """Tell what fails on a worker as it would be told here, and what fails of Ray itself as a Failure."""
    try:
        yield
    except RayError as error:
        said = error.cause if isinstance(error, RayTaskError) else error
        if isinstance(said, JobError):
            raise JobError(str(said)) from error
        first = str(said).strip().splitlines()[0]
        raise JobError(f"Ray's workers failed ({type(said).__name__}: {first}): run the same command again.") from error


def network_files(chosen: ResolvedModel) -> tuple[dict[str, bytes], Recall | None]:
    """The files that a worker makes the network of, by name: other machines have none of them."""
    if chosen.precision != "int8":
        return read_files(chosen.weights.file), None
    made = chosen.quantised or quantised.load_quantized(chosen.network_sha256)
    place = quantised.networks_folder() / made.sha256
    return read_files(place / quantised.GRAPH, place / quantised.NUMBERS), made.recall


def read_files(*files: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in files}
