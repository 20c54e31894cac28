"""Services of a test's own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from jobs.local.services import stop_services


@pytest.fixture
def folder(services_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder for services of the test's own, with a space and an accent in its name. They are stopped at the end."""
    monkeypatch.setenv("JOBS_LOCAL", str(services_folder))
    yield services_folder
    stop_services()
