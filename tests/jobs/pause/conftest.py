"""The stack that is paused and resumed."""

from pathlib import Path

import pytest

from jobs.target import Target
from tests.azure_fakes.cloud import Cloud
from tests.jobs.pause.paused_stack import PausedStack, running_stack


@pytest.fixture
def stack(
    cloud: Cloud, target: Target, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> PausedStack:
    """The stack `dev`: fake server and factory, a real database. The server runs and the daily trigger is started."""
    monkeypatch.setenv("JOBS_LOCAL", str(tmp_path / "local"))
    return running_stack(target, cloud, tmp_path, capsys)
