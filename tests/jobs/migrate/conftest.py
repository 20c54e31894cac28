"""The table that is migrated."""

import pytest

from tests.jobs.migrate.forty_rows import fill


@pytest.fixture
def filled_url(laptop_url: str) -> str:
    """The URL of a database on the laptop's server with 40 rows. It needs no embedding."""
    return fill(laptop_url, 40)
