"""Where the bench works: databases and containers of its own, on the laptop's services, gone afterwards."""

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

from jobs.local import azurite
from jobs.local.services import postgres_server, storage_server
from jobs.pictures import sample
from jobs.pictures.scan import find_pictures
from jobs.postgres import schema
from jobs.postgres.connection import open_connection

DISTINCT = 32

numbers = count(1)


@dataclass(frozen=True)
class Workspace:
    """`weights` is a state dict's file; drawn pictures lie in folders below `folder`, by their number."""

    folder: Path
    weights: Path

    def pictures(self, number: int) -> Path:
        """A folder with so many drawn faces."""
        drawn = self.folder / f"faces-{number}"
        if not drawn.exists():
            sample.draw_sample(drawn, number, 1)
        return drawn

    def copies(self, number: int) -> Path:
        """A folder with so many files, copies of a few drawn faces: embedded in no time, looked at as any others."""
        copied = self.folder / f"copies-{number}" / "train" / "neutral"
        if not copied.exists():
            copied.mkdir(parents=True)
            faces = [picture.path for picture in find_pictures(self.pictures(DISTINCT)).pictures]
            for each in range(number):
                shutil.copyfile(faces[each % DISTINCT], copied / f"{each:06d}.jpg")
        return copied.parent.parent


@contextmanager
def temporary_database(server: str = "laptop") -> Iterator[str]:
    """The URL of a new database with the project's schema, dropped behind the block."""
    admin = postgres_server(server).url("postgres")
    name = f"bench_{os.getpid()}_{next(numbers)}"
    execute(admin, f"CREATE DATABASE {name}")
    try:
        url = postgres_server(server).url(name)
        with open_connection(url) as db:
            schema.upgrade_schema(db)
        yield url
    finally:
        execute(admin, f"DROP DATABASE {name} WITH (FORCE)")


def execute(url: str, statement: str) -> None:
    """Run a statement that refuses to run inside a transaction."""
    db = psycopg2.connect(url)
    try:
        db.autocommit = True
        with db.cursor() as cursor:
            cursor.execute(statement)
    finally:
        db.close()


@contextmanager
def temporary_container() -> Iterator[ContainerClient]:
    """A new container of Azurite's, deleted behind the block."""
    with BlobServiceClient(storage_server().url("imagenes"), credential=azurite.KEY) as client:
        made = client.create_container(f"bench-{os.getpid()}-{next(numbers)}")
        try:
            yield made
        finally:
            made.delete_container()


@contextmanager
def open_workspace() -> Iterator[Path]:
    """A folder for drawn pictures, gone behind the block."""
    with tempfile.TemporaryDirectory(prefix="bench-") as made:
        yield Path(made)
