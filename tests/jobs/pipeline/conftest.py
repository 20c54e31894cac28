"""A fake factory, the outputs of its stack, and a client of it that does not sleep."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from jobs.azure import retries
from jobs.pipeline.data_factory import wait
from jobs.pipeline.data_factory.client import FactoryClient, open_factory
from jobs.target import Target
from tests.azure_fakes.cloud import Cloud
from tests.azure_fakes.data_factory import DataFactory
from tests.azure_fakes.factory_answers import HOST, OUTPUTS
from tests.jobs.cli_process import write_outputs


@pytest.fixture
def outputs_option(tmp_path: Path) -> list[str]:
    """The options of a command that give it the stack's outputs."""
    return ["--outputs", str(write_outputs(tmp_path / "outputs.json", OUTPUTS))]


@pytest.fixture
def data_factory(cloud: Cloud) -> DataFactory:
    """The fake Data Factory of the stack."""
    service = DataFactory()
    cloud.services[HOST] = service
    return service


@pytest.fixture
def poll_waits() -> list[float]:
    """The seconds of each wait between two polls of a run."""
    return []


@pytest.fixture
def factory_client(data_factory: DataFactory, poll_waits: list[float]) -> Iterator[FactoryClient]:
    """A client of the fake factory. It does not sleep."""
    with open_factory(Target.from_outputs(OUTPUTS, "pulumi up"), "--target dev") as factory:
        yield replace(factory, wait=poll_waits.append)


@pytest.fixture
def no_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    """The client sends no request again, and gives up after few failed polls."""
    monkeypatch.setattr(retries, "MAX_RETRIES", 0)
    monkeypatch.setattr(wait, "MAX_FAILED_POLLS", 3)
