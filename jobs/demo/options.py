"""The options of `demo`."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class DemoOptions:
    """`images` None: draw `count` faces from `seed`. `weights` None: ImageNet's, or random ones without network."""

    images: Path | None
    report: Path
    count: int
    seed: int
    weights: str | None
