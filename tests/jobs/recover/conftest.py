"""The stack that recover looks at."""

from pathlib import Path

import pytest

from tests.jobs.recover.small_pulumi import SmallPulumi, open_pulumi


@pytest.fixture
def small_pulumi(
    programs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> SmallPulumi:
    """The stack `dev`, complete and not locked, behind a small script in place of `pulumi`."""
    monkeypatch.setenv("JOBS_LOCAL", str(tmp_path / "local"))
    monkeypatch.setenv("PULUMI_BACKEND_URL", f"file://{tmp_path / 'backend'}")
    return open_pulumi(tmp_path / "backend", programs, capsys)
