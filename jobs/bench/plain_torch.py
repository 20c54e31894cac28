"""The best plain torch, as an engineer writes it: DataLoader, batches of 8, inference mode, channels last, binary COPY.

Larger batches and worker processes are slower here: a batch of 64 leaves the processor's cache.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch.utils.data import DataLoader, Dataset

from jobs.bench.naive import build_transform, load_torchvision
from jobs.pictures.scan import Picture, find_pictures
from jobs.postgres.connection import open_connection
from jobs.postgres.copy import copy_stream

BATCH = 8
COPY = "COPY imagenes_fer (filepath, emotion, vector) FROM STDIN BINARY"


class Faces(Dataset[Any]):
    """Pictures as (3, 224, 224) float32 tensors."""

    def __init__(self, pictures: Sequence[Picture]) -> None:
        self.pictures, self.transform = pictures, build_transform()

    def __len__(self) -> int:
        return len(self.pictures)

    def __getitem__(self, number: int) -> torch.Tensor:
        with Image.open(self.pictures[number].path) as image:
            tensor: torch.Tensor = self.transform(image)
            return tensor


def run_plain_torch(directory: Path, url: str, weights: Path, limit: int, precision: str) -> int:
    """Embed up to `limit` pictures in fp32 or bf16, and write their rows. Returns their number."""
    pictures = find_pictures(directory).pictures[:limit]
    model = load_torchvision(weights).to(memory_format=torch.channels_last)
    vectors: list[NDArray[np.float32]] = []
    with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16, enabled=precision == "bf16"):
        for batch in DataLoader(Faces(pictures), batch_size=BATCH):
            vectors += list(model(batch.to(memory_format=torch.channels_last)).float().numpy())
    write_rows(url, pictures, vectors)
    return len(pictures)


def write_rows(url: str, pictures: Sequence[Picture], vectors: Sequence[NDArray[np.float32]]) -> None:
    """Write all rows with one binary COPY."""
    rows = ((picture.filepath, picture.emotion, vector) for picture, vector in zip(pictures, vectors, strict=True))
    with open_connection(url) as db, db.cursor() as cursor:
        cursor.copy_expert(COPY, copy_stream(rows))
        db.commit()
