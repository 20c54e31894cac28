"""The stack that teardown deletes."""

from pathlib import Path

import pytest

from tests.azure_fakes.cloud import Cloud
from tests.jobs.teardown.teardown_cli import TeardownStack, open_stack


@pytest.fixture
def stack(
    cloud: Cloud, programs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> TeardownStack:
    """The stack `dev` with four resources. They exist until `pulumi destroy` succeeds. Nothing waits."""
    monkeypatch.setenv("JOBS_LOCAL", str(tmp_path / "local"))
    return open_stack(cloud, programs, monkeypatch, capsys)
