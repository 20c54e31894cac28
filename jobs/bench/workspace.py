"""Temporary databases, containers and folders for the bench, on the laptop's services."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import psycopg2
from azure.storage.blob import BlobServiceClient, ContainerClient

from jobs.local.services import postgres_server, storage_server
from jobs.pictures import sample
from jobs.pictures.scan import find_pictures
from jobs.postgres import schema
from jobs.postgres.connection import open_connection

DISTINCT = 32

name_counter = count(1)


@dataclass(frozen=True)
class Workspace:
    """The folder for drawn pictures, and the file of the weights (a state dict)."""

    folder: Path
    weights: Path

    def draw_pictures(self, number: int) -> Path:
        """A folder with `number` drawn faces. Drawn the first time."""
        drawn = self.folder / f"faces-{number}"
        if not drawn.exists():
            sample.draw_sample(drawn, number, 1)
        return drawn

    def copy_pictures(self, number: int) -> Path:
        """A folder with `number` files, copies of a few drawn faces: quick to embed, as slow to scan as any others."""
        copied = self.folder / f"copies-{number}" / "train" / "neutral"
        if not copied.exists():
            copied.mkdir(parents=True)
            faces = [picture.path for picture in find_pictures(self.draw_pictures(DISTINCT)).pictures]
            for each in range(number):
                shutil.copyfile(faces[each % DISTINCT], copied / f"{each:06d}.jpg")
        return copied.parent.parent


@contextmanager
def temporary_database(server: str = "laptop") -> Iterator[str]:
    """The URL of a new database with the schema. It is dropped after the block."""
    admin = postgres_server(server).url("postgres")
    name = f"bench_{os.getpid()}_{next(name_counter)}"
    execute_autocommit(admin, f"CREATE DATABASE {name}")
    try:
        url = postgres_server(server).url(name)
        with open_connection(url) as db:
            schema.upgrade_schema(db)
        yield url
    finally:
        execute_autocommit(admin, f"DROP DATABASE {name} WITH (FORCE)")


def execute_autocommit(url: str, statement: str) -> None:
    """Run a statement that cannot run inside a transaction."""
    db = psycopg2.connect(url)
    try:
        db.autocommit = True
        with db.cursor() as cursor:
            cursor.execute(statement)
    finally:
        db.close()


@contextmanager
def temporary_container() -> Iterator[ContainerClient]:
    """A new container in Azurite. It is deleted after the block."""
    with BlobServiceClient(storage_server().url("imagenes"), credential=storage_server().key()) as client:
        container = client.create_container(f"bench-{os.getpid()}-{next(name_counter)}")
        try:
            yield container
        finally:
            container.delete_container()


@contextmanager
def open_workspace() -> Iterator[Path]:
    """A folder for drawn pictures. It is deleted after the block."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        yield Path(folder)
