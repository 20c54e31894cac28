"""The command `cost` in a project folder of its own."""

from pathlib import Path

import pytest

from tests.jobs.cost.cost_cli import CostCli, open_cost_cli


@pytest.fixture
def cost_cli(
    programs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> CostCli:
    """Runs `cost` for the stack `ana` in a project folder and a state folder of its own. No login, no installed az."""
    return open_cost_cli(tmp_path, monkeypatch, capsys)
