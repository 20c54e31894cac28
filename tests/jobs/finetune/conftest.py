"""Fixtures for `finetune`: a state folder of its own, and a model that was really trained, once a session."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from jobs.finetune.local import LocalRunner
from jobs.finetune.registry import NAME, register
from jobs.finetune.results import ModelVersion
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
            draw_data()
            register(LocalRunner(), train_tiny().run, NAME, anyway=False)
        yield made


@pytest.fixture
def trained(trained_folder: Path, state: Path) -> Iterator[ModelVersion]:
    """The registered model in a copy of the state folder; its endpoint is stopped at the end."""
    shutil.copytree(trained_folder, state)
    yield LocalRunner().versions()[0]
    LocalRunner().teardown(models=True, data=True)
