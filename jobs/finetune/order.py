"""What `finetune train` is asked to do, and the name of the run that this makes."""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from jobs.errors import ErrorKind, JobError

TINY = "tiny"  # the name of the model that is made here
RUN_NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,58}[a-z0-9])?")


@dataclass(frozen=True, kw_only=True)
class Base:
    """The model to start from: `tiny`, a folder, a name of the hub, or one of Azure's catalogue.

    `folder` is None for the hub's, whose `revision` is a commit, and for the catalogue's. `sha256` is that of the
    weights in the folder, and of name and revision for the others.
    """

    name: str
    sha256: str
    folder: Path | None = None
    revision: str = ""
    is_catalogue: bool = False


@dataclass(frozen=True, kw_only=True)
class DataFolder:
    """A folder that `finetune data` wrote: train.jsonl, test.jsonl and data.json. `sha256` is that of both files."""

    folder: Path
    sha256: str
    train: int
    test: int

    @property
    def train_file(self) -> Path:
        return self.folder / "train.jsonl"

    @property
    def test_file(self) -> Path:
        return self.folder / "test.jsonl"


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The settings of a training. Each of them is an argument of carried/train.py, and a part of the run's name.

    The defaults are for a real model. `max_steps` 0: `epochs` decides.
    `long` says what happens to a row longer than `max_length` tokens: drop or cut.
    """

    learning_rate: float = 2e-4
    lr_scheduler_type: str = "cosine"
    epochs: float = 3.0
    max_steps: int = 0
    batch_size: int = 4
    lora_r: int = 16
    lora_alpha: int = 32
    max_length: int = 512
    seed: int = 0
    eval_rows: int = 200
    long: str = "drop"

    def arguments(self) -> list[str]:
        """Such as `--learning-rate 0.005`: for carried/train.py."""
        return [word for name, value in asdict(self).items() for word in (f"--{name.replace('_', '-')}", str(value))]


TINY_SETTINGS = Settings(learning_rate=5e-3, batch_size=32)  # 0.1 M weights learn nothing with a real model's rate


def default_settings(model: str) -> Settings:
    """The settings of a model that nobody gave others for: tiny's, or a real model's."""
    return TINY_SETTINGS if model == TINY else Settings()


@dataclass(frozen=True, kw_only=True)
class Order:
    """One training: base, data and settings. `device` is auto, cpu, cuda or mps; it is not a part of the run's name."""

    base: Base
    data: DataFolder
    settings: Settings
    run: str
    device: str = "auto"


def name_run(base: Base, data: DataFolder, settings: Settings) -> str:
    """The name of a run without --name: the same base, data and settings give the same one."""
    content = json.dumps([base.sha256, data.sha256, asdict(settings)], sort_keys=True)
    stem = re.sub(r"[^a-z0-9]+", "-", base.name.lower().rpartition("/")[2])[:32].strip("-") or "model"
    return f"{stem}-{hashlib.sha256(content.encode()).hexdigest()[:10]}"


def train_arguments(order: Order, places: Sequence[str]) -> list[str]:
    """The arguments of carried/train.py. `places` are those that differ: --train, --test, --model and --output."""
    named = ["--run", order.run, "--model-name", order.base.name, "--revision", order.base.revision]
    hashes = ["--base-sha256", order.base.sha256, "--data-sha256", order.data.sha256]
    return [*places, *named, *hashes, "--device", order.device, *order.settings.arguments()]


def check_unchanged(run: str, before: Mapping[str, Any], wanted: Mapping[str, Any]) -> None:
    """Raise JobError for a run that was made of another base, data or settings: a run is never changed."""
    changed = [name for name in ("base", "data", "settings") if before.get(name) != wanted[name]]
    if changed:
        raise JobError(
            f"The run {run} is there with other {' and '.join(changed)}, and a run is never changed: give "
            "another --name, or leave it out.",
            ErrorKind.conflict,
        )
