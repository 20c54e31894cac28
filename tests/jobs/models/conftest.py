"""The played accounts of the tests of models."""

from pathlib import Path

import pytest

from tests.azure_fakes.cloud import Cloud
from tests.azure_fakes.cognitive_services import model
from tests.azure_fakes.model_account import ModelAccount
from tests.azure_fakes.model_metrics import ModelMetrics
from tests.azure_fakes.resource_manager import HOST, ResourceManager
from tests.jobs.models.late_metrics import NOW, always, until
from tests.jobs.models.shop import LUNA, moment, only_long_waits, open_shop
from tests.jobs.models.upgrades import NEWER
from tests.jobs.student import DoctorCli


@pytest.fixture
def played(student: DoctorCli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModelAccount:
    """The Foundry account of the stack `ana`, without a deployment. The state folder is the test's own."""
    monkeypatch.setenv("JOBS_LOCAL", str(tmp_path / "state"))
    account = ModelAccount()
    student.manager.providers = [account, *student.manager.providers]
    return account


@pytest.fixture
def sleeps(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds of every wait of a command. It does not sleep."""
    seconds: list[float] = []
    monkeypatch.setattr("jobs.wait.time.sleep", only_long_waits(seconds.append))
    return seconds


@pytest.fixture
def shop(student: DoctorCli, played: ModelAccount) -> ModelAccount:
    """The account `ai-shop` with three deployments: one that Azure moves, a provisioned one, and a pinned one."""
    return open_shop(student, played)


@pytest.fixture
def metrics(cloud: Cloud) -> ModelMetrics:
    """The metrics of an account at 10:35, three minutes late: `chat` was called until 10:14, `chat-2` always is."""
    played = ModelMetrics(lambda: NOW, {"chat": until("10:14"), "chat-2": always})
    cloud.services[HOST] = ResourceManager([played])
    return played


@pytest.fixture
def newer_shop(student: DoctorCli, shop: ModelAccount) -> ModelAccount:
    """The account `ai-shop`, where the pinned deployment's model has a newer version."""
    student.ai.models.append(model(LUNA[0], NEWER, isDefaultVersion=False, skus=[("GlobalStandard", moment(500))]))
    return shop
