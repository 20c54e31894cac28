"""Real services for the tests: started once in a folder of their own, stopped at the end, emptied for each test."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest
from psycopg2.extensions import cursor

from jobs.embed.options import EmbedOptions
from jobs.embed.prepare import read_sample
from jobs.embed.run import embed_pictures
from jobs.embed.weights import random_weights
from jobs.local.services import SERVICES, local_outputs, postgres_server, start_services, stop_services
from jobs.pictures import sample
from jobs.pictures.scan import find_pictures
from jobs.postgres import schema
from jobs.postgres.connection import open_connection, target_url
from jobs.storage.client import lake_container, pictures_container
from jobs.target import Target

numbers = count(1)


@pytest.fixture(scope="session")
def services() -> Iterator[Target]:
    """The laptop's target, in a folder that is not the user's."""
    with tempfile.TemporaryDirectory(prefix="jobs-") as folder:
        os.environ["JOBS_LOCAL"] = folder
        start_services(*SERVICES)
        yield Target.from_outputs(local_outputs(), "local up")
        stop_services()
        del os.environ["JOBS_LOCAL"]


@pytest.fixture
def own_folder() -> Iterator[Path]:
    """A folder for services of a test's own. Not pytest's: every session that begins closes those to all others."""
    with tempfile.TemporaryDirectory(prefix="jobs-") as folder:
        yield Path(folder) / "my services é"


@pytest.fixture
def laptop_url(services: Target) -> Iterator[str]:
    """A fresh database on the laptop's server, its schema up to date."""
    yield from fresh_database(postgres_server("laptop").url("postgres"))


@pytest.fixture
def target(services: Target) -> Iterator[Target]:
    """The target with a fresh database and empty containers."""
    empty_containers(services)
    for url in fresh_database(postgres_server("cloud").url("postgres")):
        yield replace(services, postgres_database=url.rpartition("/")[2].partition("?")[0])


@pytest.fixture
def laptop(services: Target) -> Target:
    """What the command line's `--target local` means, all of it emptied."""
    empty_containers(services)
    for name in ("laptop", "cloud"):
        with open_connection(postgres_server(name).url()) as db, db.cursor() as cursor:
            cursor.execute("DROP TABLE IF EXISTS embedded_picture, embedding, imagenes_fer, schema_migration")
            db.commit()
    return services


def empty_containers(target: Target) -> None:
    for container in (pictures_container(target), lake_container(target)):
        names = [blob.name for blob in container.list_blobs()]
        for start in range(0, len(names), 100):
            container.delete_blobs(*names[start : start + 100])


@pytest.fixture
def cloud_url(target: Target) -> str:
    """The URL of the target's database."""
    return target_url(target)


def fresh_database(admin_url: str, template: str = "template1") -> Iterator[str]:
    """A database of its own for a test, made and dropped, its schema up to date."""
    name = f"test_{os.getpid()}_{next(numbers)}"
    with administering(admin_url) as cursor:
        cursor.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    url = admin_url.replace("/postgres?", f"/{name}?")
    with open_connection(url) as db:
        schema.upgrade_schema(db)
    yield url
    with administering(admin_url) as cursor:
        cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def administering(url: str) -> Iterator[cursor]:
    """For statements that refuse to run inside a transaction."""
    with open_connection(url) as db, db.cursor() as cursor:
        db.autocommit = True
        yield cursor


@pytest.fixture
def project() -> Path:
    """The project's folder."""
    return Path(__file__).parent.parent


@pytest.fixture(scope="session")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with 40 drawn faces, not to be changed."""
    folder = tmp_path_factory.mktemp("drawn")
    sample.draw_sample(folder, 40, 1)
    return folder


@pytest.fixture
def faces(drawn: Path, tmp_path: Path) -> Path:
    """The same in a folder of the test's own."""
    folder = tmp_path / "faces"
    shutil.copytree(drawn, folder)
    return folder


@pytest.fixture(scope="session")
def weights(drawn: Path, services: Target) -> str:
    """The file of seeded weights, calibrated on the drawn faces."""
    return str(random_weights(read_sample(find_pictures(drawn).pictures, 40)).file)


@pytest.fixture(scope="session")
def embedded(drawn: Path, weights: str) -> Iterator[str]:
    """The name of a database with the drawn faces embedded, to make others from."""
    admin_url = postgres_server("laptop").url("postgres")
    for url in fresh_database(admin_url):
        embed_pictures(drawn, url, EmbedOptions(weights=weights))
        yield url.rpartition("/")[2].partition("?")[0]


@pytest.fixture
def filled_url(embedded: str) -> Iterator[str]:
    """A database of the test's own on the laptop's server, the drawn faces embedded in it."""
    yield from fresh_database(postgres_server("laptop").url("postgres"), embedded)
