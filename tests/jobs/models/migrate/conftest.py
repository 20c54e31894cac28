"""Two deployments side by side."""

import pytest

from tests.azure_fakes.model_account import ModelAccount
from tests.jobs.models.migrate.side_by_side import SideBySide
from tests.jobs.models.shop import only_long_waits
from tests.jobs.student import DoctorCli


@pytest.fixture
def side(student: DoctorCli, shop: ModelAccount, monkeypatch: pytest.MonkeyPatch) -> SideBySide:
    """The account `ai-shop` at 10:00 of a clock that waits advance, with metrics and an endpoint that answers."""
    played = SideBySide(student, shop)
    monkeypatch.setattr("jobs.wait.time.sleep", only_long_waits(played.sleep))
    monkeypatch.setattr("jobs.models.clock.now", lambda: played.time)
    return played
