"""An agent.yaml in the current folder, and a stack whose Foundry project is fake."""

import json
import shutil
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from jobs.state import state_folder
from jobs.target import Target
from tests.azure_fakes.cloud import Cloud
from tests.azure_fakes.foundry_agents import FoundryAgents
from tests.azure_fakes.openai_models import Models
from tests.jobs.agent.agents import HOST, YAML


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file agent.yaml in the current folder, which is an empty one."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "agent.yaml").write_text(YAML)
    return tmp_path / "agent.yaml"


@pytest.fixture
def foundry(target: Target, cloud: Cloud, file: Path) -> FoundryAgents:
    """The fake Foundry project of the stack whose outputs are in outputs.json."""
    fake = FoundryAgents()
    cloud.services[HOST] = fake
    url = f"https://{HOST}/api/projects/analisis_fer"
    stack = replace(target, project_url=url, pipeline_runner="data_factory")
    (file.parent / "outputs.json").write_text(json.dumps(asdict(stack)))
    return fake


@pytest.fixture
def server(laptop: Target, cloud: Cloud, file: Path) -> Models:
    """A server of the user's with the model m; the laptop has no agents."""
    shutil.rmtree(state_folder() / "agents", ignore_errors=True)
    fake = Models(deployments={"m": "m"})
    cloud.services["models.example"] = fake
    return fake
