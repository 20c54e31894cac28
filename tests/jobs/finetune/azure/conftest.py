"""A stack with machine learning, whose workspace is empty."""

from importlib.util import find_spec
from pathlib import Path

import pytest

from jobs.finetune.azure import attempt, deployment, endpoint
from tests.azure_fakes.cloud import Cloud
from tests.fake_programs import FakeProgram
from tests.jobs.finetune.azure.played_learning import PlayedLearning


@pytest.fixture
def learning(cloud: Cloud, az: FakeProgram, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PlayedLearning:
    """The stack `dev` on the played Azure, with azure-ai-ml itself. No wait takes time."""
    if find_spec("azure.ai.ml") is None:
        pytest.skip("azure-ai-ml is not installed: requirements-finetune.txt")
    monkeypatch.setenv("JOBS_LOCAL", str(tmp_path / "local"))
    for module in (attempt, deployment, endpoint):
        monkeypatch.setattr(module, "POLL_SECONDS", 0.0)
    return PlayedLearning(cloud, tmp_path)
