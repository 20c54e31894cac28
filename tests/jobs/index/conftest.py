"""The table of clustered vectors: filled once for a file's tests, a copy for each of them."""

from collections.abc import Iterator

import numpy as np
import pytest

from jobs.local.services import postgres_server
from jobs.postgres.connection import open_connection
from jobs.postgres.copy import copy_stream
from jobs.target import Target
from tests.conftest import fresh_database
from tests.jobs.index.clusters import EMOTIONS, ROWS, Table


@pytest.fixture(scope="module")
def filled(services: Target) -> Iterator[Table]:
    random = np.random.default_rng(3)
    centres = random.random((12, 512))
    vectors = (centres[random.integers(12, size=ROWS)] + 0.3 * random.random((ROWS, 512))).astype(np.float32)
    emotions = random.permutation(np.repeat(list(EMOTIONS), list(EMOTIONS.values())))
    for url in fresh_database(postgres_server("laptop").url("postgres")):
        with open_connection(url) as db, db.cursor() as cursor:
            rows = ((n + 1, f"{e}/{n}.jpg", str(e), v) for n, (e, v) in enumerate(zip(emotions, vectors, strict=True)))
            cursor.copy_expert("COPY imagenes_fer (id, filepath, emotion, vector) FROM STDIN BINARY", copy_stream(rows))
            db.commit()
        yield Table(url, vectors, emotions)


@pytest.fixture
def table(filled: Table) -> Iterator[Table]:
    """The same in a database of the test's own."""
    template = filled.url.rpartition("/")[2].partition("?")[0]
    for url in fresh_database(postgres_server("laptop").url("postgres"), template):
        yield Table(url, filled.vectors, filled.emotions)
