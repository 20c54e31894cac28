"""The target whose vectors are searched, on the laptop and in Azure AI Search."""

from pathlib import Path

import pytest

from jobs.migrate.run import migrate_table
from jobs.pipeline.local_runner.run import run_locally
from jobs.postgres.connection import target_url
from jobs.target import Target
from tests.azure_fakes.cloud import Cloud
from tests.jobs.search.filled import Filled
from tests.jobs.search_stack import SearchStack, open_stack


@pytest.fixture
def stack(target: Target, filled_url: str, drawn_faces: Path, cloud: Cloud) -> SearchStack:
    """A stack with a fake search service, and the drawn faces in its database."""
    return open_stack(target, filled_url, drawn_faces, cloud)


@pytest.fixture
def filled(drawn_faces: Path, filled_url: str, target: Target) -> Filled:
    """The target with the drawn faces in its database and in the lake's Parquet, not indexed."""
    migrate_table(filled_url, target_url(target))
    # Blob holds no pictures yet
    assert run_locally(target, "PL_Migrar_Datos_FER", {}).status in ("Succeeded", "Failed")
    return Filled(target, drawn_faces, filled_url)
