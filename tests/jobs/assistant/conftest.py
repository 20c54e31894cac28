"""A stack whose deployment `chat` is fake, over a real database."""

import json
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from jobs.target import Target
from tests.azure_fakes.cloud import Cloud
from tests.azure_fakes.openai_models import Models

HOST = "ai-fer.openai.azure.com"


@pytest.fixture
def models(cloud: Cloud) -> Models:
    """The fake models of the stack `ai-fer`."""
    fake = Models()
    cloud.services[HOST] = fake
    return fake


@pytest.fixture
def model_options(
    target: Target, models: Models, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[list[str]]:
    """The options of `chat` that name the stack; the current folder is an empty one."""
    stack = replace(target, openai_url=f"https://{HOST}/openai/v1/", pipeline_runner="data_factory")
    file = tmp_path / "outputs.json"
    file.write_text(json.dumps(asdict(stack)))
    monkeypatch.chdir(tmp_path)
    yield ["--outputs", str(file)]
