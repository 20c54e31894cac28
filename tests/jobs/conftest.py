"""Fixtures that several packages of jobs/ share: a student's subscription, a storage account, 70 faces."""

import os
from pathlib import Path

import pytest
from azure.core.pipeline.transport import HttpTransport

from jobs.pictures.sample import draw_sample
from jobs.target import Target
from tests.azure_fakes.blob_storage import HOST, StorageAccount
from tests.azure_fakes.cloud import Cloud
from tests.databases import empty_laptop
from tests.fake_programs import FakeProgram
from tests.jobs.served import WRITE_PICTURES, fill_laptop, is_filled
from tests.jobs.student import DoctorCli


@pytest.fixture
def student(
    cloud: Cloud, az: FakeProgram, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> DoctorCli:
    """A student with a subscription, the CLIs and the stack `ana`, where every check of doctor passes."""
    monkeypatch.setattr("jobs.configuration.PROJECT", tmp_path)
    return DoctorCli(cloud, az, tmp_path, capsys)


@pytest.fixture
def storage_account(cloud: Cloud) -> StorageAccount:
    """A fake storage account with the containers imagenes and raw."""
    cloud.services[HOST] = account = StorageAccount(("imagenes", "raw"))
    return account


@pytest.fixture
def azure_target() -> Target:
    """The outputs of a stack whose two containers are in the fake storage account."""
    values = {name: "" for name in Target.__dataclass_fields__} | {"postgres_port": 5432}
    urls = {"pictures_url": f"https://{HOST}/", "lake_url": f"https://{HOST}/", "storage_auth": "identity"}
    return Target(**values | urls | {"pictures_container": "imagenes", "lake_container": "raw"})


@pytest.fixture
def storage_waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds of every wait of the storage client. It does not sleep."""
    seconds: list[float] = []
    monkeypatch.setattr(HttpTransport, "sleep", lambda self, wait: seconds.append(wait))
    return seconds


@pytest.fixture(scope="session")
def many_faces(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with 70 drawn faces. All tests share it: do not change it."""
    folder = tmp_path_factory.mktemp("many")
    draw_sample(folder, 350 if WRITE_PICTURES in os.environ else 70, 1)
    return folder


@pytest.fixture(scope="module")
def collection(services: Target, many_faces: Path, weights: str) -> Target:
    """The laptop's own databases and containers, with the 70 faces in all places."""
    if is_filled(services, many_faces):
        return services
    empty_laptop(services)
    fill_laptop(services, many_faces, weights)
    return services
