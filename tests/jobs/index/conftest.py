"""A table of clustered vectors for HNSW and FAISS, and a stack for Azure AI Search."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from jobs.local.services import postgres_server
from jobs.postgres.connection import open_connection
from jobs.postgres.copy import copy_stream
from jobs.target import Target
from tests.azure_fakes.cloud import Cloud
from tests.databases import database_name, fresh_database
from tests.jobs.index.clusters import Table, clustered_rows
from tests.jobs.search_stack import SearchStack, open_stack


@pytest.fixture(scope="module")
def clusters(services: Target) -> Iterator[Table]:
    """A database with 3,000 vectors in 12 clusters: the template of table."""
    vectors, emotions = clustered_rows()
    for url in fresh_database(postgres_server("laptop").url("postgres")):
        with open_connection(url) as db, db.cursor() as cursor:
            rows = ((n + 1, f"{e}/{n}.jpg", str(e), v) for n, (e, v) in enumerate(zip(emotions, vectors, strict=True)))
            cursor.copy_expert("COPY imagenes_fer (id, filepath, emotion, vector) FROM STDIN BINARY", copy_stream(rows))
            db.commit()
        yield Table(url, vectors, emotions)


@pytest.fixture
def table(clusters: Table) -> Iterator[Table]:
    """A copy of the clustered table for one test."""
    for url in fresh_database(postgres_server("laptop").url("postgres"), database_name(clusters.url)):
        yield Table(url, clusters.vectors, clusters.emotions)


@pytest.fixture
def stack(target: Target, filled_url: str, drawn_faces: Path, cloud: Cloud) -> SearchStack:
    """A stack with a fake search service, and the drawn faces in its database."""
    return open_stack(target, filled_url, drawn_faces, cloud)
