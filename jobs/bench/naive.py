"""The baselines: the original script, and the simplest implementation of each other step."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import psycopg2
import torch
from azure.storage.blob import ContainerClient
from numpy.typing import NDArray
from PIL import Image
from psycopg2.extras import execute_values

from jobs.bench.torch_ops import torchvision_models
from jobs.pictures.scan import Picture, find_pictures

INSERT = "INSERT INTO imagenes_fer (filepath, emotion, vector) VALUES (%s, %s, %s)"
INSERT_VALUES = "INSERT INTO imagenes_fer (id, filepath, emotion, vector) VALUES %s"


def build_transform() -> Any:
    """The transform of the original script, from torchvision."""
    torchvision_models()  # torchvision cannot be imported before its operators are declared
    from torchvision import transforms

    return transforms.Compose(
        [
            transforms.Grayscale(num_output_channels=3),
            transforms.Resize(256),
            transforms.CenterCrop(224),
            transforms.ToTensor(),
            transforms.Normalize(mean=[0.485, 0.456, 0.406], std=[0.229, 0.224, 0.225]),
        ]
    )


def load_torchvision(weights: Path) -> Any:
    """torchvision's ResNet18 with the weights of a file, without its last layer."""
    model = torchvision_models().resnet18()
    model.fc = torch.nn.Identity()
    state = torch.load(weights, weights_only=True, map_location="cpu")
    model.load_state_dict({name: value for name, value in state.items() if not name.startswith("fc.")})
    return model.eval()


def run_script(directory: Path, url: str, weights: Path, limit: int) -> int:
    """The original's cargar_fer.py: PIL, torchvision, ResNet18 and INSERT for each picture. Returns their number."""
    model = load_torchvision(weights)
    prepared, pictures = build_transform(), find_pictures(directory).pictures[:limit]
    db = psycopg2.connect(url)
    with db, db.cursor() as cursor:
        for picture in pictures:
            with Image.open(picture.path) as image, torch.no_grad():
                vector = model(prepared(image).unsqueeze(0)).squeeze().numpy()
            cursor.execute(INSERT, (picture.filepath, picture.emotion, vector.tolist()))
    db.close()
    return len(pictures)


def insert_rows(url: str, vectors: NDArray[np.float32]) -> None:
    """One statement and one transaction for each row."""
    db = psycopg2.connect(url)
    with db.cursor() as cursor:
        for number, vector in enumerate(vectors):
            cursor.execute(INSERT, (f"happy/{number}.png", "happy", vector.tolist()))
            db.commit()
    db.close()


def insert_values(url: str, vectors: NDArray[np.float32]) -> None:
    """psycopg2's execute_values: 500 rows per statement, one transaction."""
    rows = ((n + 1, f"happy/{n}.png", "happy", vector.tolist()) for n, vector in enumerate(vectors))
    db = psycopg2.connect(url)
    with db, db.cursor() as cursor:
        execute_values(cursor, INSERT_VALUES, rows, page_size=500)
    db.close()


def select_as_text(url: str) -> NDArray[np.float32]:
    """Read every vector as text, and parse it in Python. Returns (n, 512), ordered by id."""
    db = psycopg2.connect(url)
    with db.cursor() as cursor:
        cursor.execute("SELECT id, filepath, emotion, vector::text FROM imagenes_fer ORDER BY id")
        vectors = [[float(number) for number in text[1:-1].split(",")] for _, _, _, text in cursor.fetchall()]
    db.close()
    return np.array(vectors, dtype=np.float32)


def upload_sequentially(pictures: Sequence[Picture], container: ContainerClient) -> int:
    """Upload one blob after the other. Returns the number of bytes."""
    sent = 0
    for picture in pictures:
        data = picture.path.read_bytes()
        container.upload_blob(f"train/{picture.filepath}", data)
        sent += len(data)
    return sent
