"""Draw data and train the tiny model, as the commands do, with few steps."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from jobs.finetune.base import find_base
from jobs.finetune.data import DataResult, load_data, write_data
from jobs.finetune.order import TINY, TINY_SETTINGS, Order, Settings, name_run
from jobs.finetune.results import TrainResult
from jobs.finetune.run import train_here
from jobs.finetune.split import Share
from jobs.finetune.take import Source


def draw_data(count: int = 600, seed: int = 0, folder: Path | None = None) -> DataResult:
    return write_data(Source(count=count, seed=seed), Share(seed=seed), folder)


def tiny_settings(**values: Any) -> Settings:
    return replace(TINY_SETTINGS, **values)


def tiny_order(settings: Settings, name: str | None = None, folder: Path | None = None) -> Order:
    """An order for the data of a folder; its tiny model is made if it is missing."""
    data = load_data(folder)
    base = find_base(TINY, data)
    return Order(base=base, data=data, settings=settings, run=name or name_run(base, data, settings), device="cpu")


def train_tiny(steps: int = 100, name: str | None = None, **settings: float) -> TrainResult:
    return train_here(tiny_order(tiny_settings(max_steps=steps, eval_rows=100, **settings), name))


def write_lines(file: Path, *lines: str | bytes) -> Path:
    file.write_bytes(b"".join((each.encode() if isinstance(each, str) else each) + b"\n" for each in lines))
    return file
