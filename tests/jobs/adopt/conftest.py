"""The tutorial's database, made once and copied for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from jobs.local.services import postgres_server
from tests.databases import database_name, empty_database, fresh_database
from tests.jobs.adopt.tutorial_database import make_tutorial_database


@pytest.fixture(scope="session")
def tutorial_template(drawn_faces: Path, weights: str) -> Iterator[str]:
    """The name of a database where the tutorial's loop ran twice on Windows: the template of tutorial_url."""
    for url in fresh_database(postgres_server("laptop").url("postgres")):
        make_tutorial_database(url, drawn_faces, weights)
        yield database_name(url)


@pytest.fixture
def tutorial_url(tutorial_template: str) -> Iterator[str]:
    """The URL of a database that the tutorial's loop filled twice on Windows: 80 rows, 40 paths with backslashes."""
    yield from empty_database(postgres_server("laptop").url("postgres"), tutorial_template)
