"""A student's database as the original tutorial makes it: its CREATE TABLE, and its loop that embeds and inserts.

The loop is the tutorial's, line by line, but for the weights (a file) and the suffix of the pictures. `join` is that of
the student's system: Windows writes backslashes.
"""

import glob
import ntpath
import os
from collections.abc import Callable
from pathlib import Path

import torch
from PIL import Image
from torchvision import models, transforms

from jobs.postgres.connection import open_connection
from tests.databases import execute

CREATE_TABLE = """
CREATE TABLE imagenes_fer (
  id bigserial PRIMARY KEY,
  filepath VARCHAR(255) NOT NULL, -- Ruta o nombre del archivo original
  emotion VARCHAR(50) NOT NULL, -- Etiqueta de emoción (ej: Feliz, Triste)
  vector VECTOR(512) -- Columna que almacenará el vector numérico
);
"""
INSERT = """
INSERT INTO imagenes_fer (filepath, emotion, vector)
VALUES (%s, %s, %s);
"""
OURS = "DROP TABLE IF EXISTS imagenes_fer, embedded_picture, embedding, schema_migration CASCADE"


def make_tutorial_database(
    url: str, faces: Path, weights: str, times: int = 2, join: Callable[[str, str], str] = ntpath.join
) -> None:
    """Make the table in the database at `url`, in place of ours, and run the loop a number of times."""
    execute(url, OURS, "CREATE EXTENSION IF NOT EXISTS vector", CREATE_TABLE)
    vectors = embed_as_the_tutorial(str(faces / "train"), weights)
    for _ in range(times):
        with open_connection(url) as conn, conn.cursor() as cur:
            for emotion_folder, img_path, vector_para_db in vectors:
                relative_filepath = join(emotion_folder, os.path.basename(img_path))  # noqa: PTH119 - the tutorial's
                cur.execute(INSERT, (relative_filepath, emotion_folder, vector_para_db))
            conn.commit()


def embed_as_the_tutorial(ruta_dataset: str, weights: str) -> list[tuple[str, str, list[float]]]:
    """The tutorial's network, transform and loop: each picture's emotion, path and vector."""
    model = models.resnet18()
    model.fc = torch.nn.Identity()
    state = torch.load(weights, weights_only=True)
    model.load_state_dict({name: value for name, value in state.items() if not name.startswith("fc.")})
    model.eval()
    transform = transforms.Compose(
        [
            transforms.Grayscale(num_output_channels=3),
            transforms.Resize(256),
            transforms.CenterCrop(224),
            transforms.ToTensor(),
            transforms.Normalize(mean=[0.485, 0.456, 0.406], std=[0.229, 0.224, 0.225]),
        ]
    )
    vectors = []
    for emotion_folder in os.listdir(ruta_dataset):  # noqa: PTH208 - the tutorial's
        emotion_path = os.path.join(ruta_dataset, emotion_folder)  # noqa: PTH118
        for img_path in glob.glob(os.path.join(emotion_path, "*.jpg")):  # noqa: PTH118, PTH207
            img = Image.open(img_path)
            input_tensor = transform(img)
            input_batch = input_tensor.unsqueeze(0)
            with torch.no_grad():
                embedding = model(input_batch).squeeze().numpy()
            vectors.append((emotion_folder, img_path, embedding.tolist()))
    return vectors
