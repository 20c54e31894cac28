"""The stack whose vectors are searched in Azure AI Search."""

from pathlib import Path

import pytest

from jobs.target import Target
from tests.azure_fakes.cloud import Cloud
from tests.jobs.search_stack import SearchStack, open_stack


@pytest.fixture
def stack(target: Target, filled_url: str, drawn_faces: Path, cloud: Cloud) -> SearchStack:
    """A stack with a fake search service, and the drawn faces in its database."""
    return open_stack(target, filled_url, drawn_faces, cloud)
