"""Azure on loopback, for the jobs' own clients: nothing in the jobs knows that it is not the real one."""

import os
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from jobs.azure import retries
from jobs.azure.login import credential
from jobs.pipeline.data_factory import wait
from jobs.pipeline.data_factory.client import FactoryClient
from jobs.pipeline.data_factory.client import open_factory as opened_factory
from jobs.target import Target
from tests.azure_fakes.authority import Authority, Certificate
from tests.azure_fakes.cloud import Cloud
from tests.azure_fakes.data_factory import HOST as MANAGEMENT
from tests.azure_fakes.data_factory import OUTPUTS, DataFactory
from tests.azure_fakes.postgres import HOST, Gateway, Open, tls
from tests.azure_fakes.programs import Program

LOGIN = ("AZURE_", "IDENTITY_", "MSI_", "PULUMI_")


@pytest.fixture(scope="session")
def authority() -> Iterator[Authority]:
    """The authority that signs every certificate."""
    with tempfile.TemporaryDirectory(prefix="authority-") as folder:
        yield Authority(Path(folder))


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is the whole PATH: nothing that this machine has installed is found. No login is left either."""
    if os.name == "nt":
        pytest.skip("a script is no program there")
    folder = tmp_path / "programs"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    for name in list(os.environ):
        if name.startswith(LOGIN):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AZURE_TOKEN_CREDENTIALS", "AzureCliCredential")
    credential.cache_clear()
    return folder


@pytest.fixture
def az(programs: Path) -> Program:
    """The Azure CLI, logged in."""
    program = Program(programs, "az")
    token = {"accessToken": "marker-token-of-the-tests", "expires_on": 4102444800, "tenant": "t", "tokenType": "Bearer"}
    program.says("account get-access-token", token)
    return program


@pytest.fixture
def cloud(authority: Authority, az: Program, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    """Azure's hosts: put services into `cloud.services`. For programs that a test starts too: it is all environment."""
    played = Cloud(authority)
    played.start()
    for name in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, played.url)
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "127.0.0.1,localhost")
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.setenv(name, str(authority.roots))
    yield played
    credential.cache_clear()
    played.stop()


@pytest.fixture
def played(cloud: Cloud) -> DataFactory:
    """The stack's factory."""
    service = DataFactory()
    cloud.services[MANAGEMENT] = service
    return service


@pytest.fixture
def waits() -> list[float]:
    """The seconds of each wait between two looks at a run."""
    return []


@pytest.fixture
def factory(played: DataFactory, waits: list[float]) -> Iterator[FactoryClient]:
    """The jobs' client of it, which waits for nothing."""
    with opened_factory(Target.from_outputs(OUTPUTS, "pulumi up"), "--target dev") as factory:
        yield replace(factory, wait=waits.append)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The client sends nothing again by itself, and few looks may fail."""
    monkeypatch.setattr(retries, "MAX_RETRIES", 0)
    monkeypatch.setattr(wait, "MAX_FAILED_POLLS", 3)


@pytest.fixture
def trusted(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    """Azure's host name leads to loopback, and the tests' authority is trusted."""
    monkeypatch.setenv("PGHOSTADDR", "127.0.0.1")
    monkeypatch.setenv("PGSSLROOTCERT", str(authority.roots))


@pytest.fixture
def opened(target: Target, trusted: None) -> Iterator[Open]:
    """To open gateways before the embedded server."""
    gateways: list[Gateway] = []

    def opened(certificate: Certificate | None) -> Gateway:
        gateways.append(Gateway(target.postgres_port, tls(certificate) if certificate else None))
        return gateways[-1]

    yield opened
    for gateway in gateways:
        gateway.close()


@pytest.fixture
def gateway(opened: Open, authority: Authority) -> Gateway:
    return opened(authority.certificate(HOST))
