"""Fixtures for `finetune`: a state folder of its own, and a model that was really trained, once a session."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from jobs.finetune.local import LocalRunner
from jobs.finetune.registry import NAME, register
from jobs.finetune.results import ModelVersion
from jobs.finetune.runner import Connection
from jobs.finetune.serving.deployment import DeployOrder, deploy
from tests.jobs.finetune.training import draw_data, train_tiny


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty state folder, in which nothing is left running."""
    folder = tmp_path / "state é"
    monkeypatch.setenv("JOBS_LOCAL", str(folder))
    return folder


@pytest.fixture(scope="session")
def trained_folder() -> Iterator[Path]:
    """A state folder with drawn data, a run of 100 steps and its registered model. All tests share it: copy it."""
    with tempfile.TemporaryDirectory(prefix="finetune-") as folder:
        made = Path(folder).resolve() / "state"
        with pytest.MonkeyPatch.context() as patch:  # other tests of the session have a folder of their own
            patch.setenv("JOBS_LOCAL", str(made))
            draw_data(600)
            register(LocalRunner(), train_tiny().run, NAME, anyway=False)
        yield made


@pytest.fixture
def trained(trained_folder: Path, state: Path) -> Iterator[ModelVersion]:
    """The registered model in a copy of the state folder; its endpoint is stopped at the end."""
    shutil.copytree(trained_folder, state)
    yield LocalRunner().versions()[0]
    LocalRunner().teardown(models=True, data=True)


@pytest.fixture(scope="module")
def serving_folder(trained_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A copy of the state folder, with one endpoint for the tests of a file. It is stopped at the end."""
    folder = tmp_path_factory.mktemp("serving") / "state é"
    shutil.copytree(trained_folder, folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JOBS_LOCAL", str(folder))
        yield folder
        LocalRunner().teardown(models=True, data=True)


@pytest.fixture
def served(serving_folder: Path) -> Connection:
    """The connection phi to the endpoint of the file: blue serves version 1, whatever the test before did."""
    deploy(LocalRunner(), DeployOrder(version=1, confirm=lambda bill: None))
    LocalRunner().connect("phi", rotate=False)
    return LocalRunner().read_connection("phi")
