"""Fixtures for all tests: real PostgreSQL and Azurite, drawn faces, and fakes of Azure's hosts. See tests/README.md."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import settings

from jobs.azure.login import credential
from jobs.embed.options import EmbedOptions
from jobs.embed.prepare import read_sample
from jobs.embed.run import embed_pictures
from jobs.embed.weights import random_weights
from jobs.local.services import SERVICES, local_outputs, postgres_server, start_services, stop_services
from jobs.pictures import sample
from jobs.pictures.scan import find_pictures
from jobs.postgres.connection import target_url
from jobs.target import Target
from tests.azure_fakes.cloud import Cloud
from tests.azure_fakes.postgres_gateway import HOST, Gateway, OpenGateway, server_tls
from tests.certificates import Certificate, CertificateAuthority
from tests.databases import database_name, empty_containers, empty_laptop, fresh_database
from tests.environment import unchanged_environment
from tests.fake_programs import FakeProgram

__all__ = ["unchanged_environment"]  # a fixture of every test
LOGIN_VARIABLES = ("AZURE_", "IDENTITY_", "MSI_", "PULUMI_")

settings.register_profile("busy machine", deadline=None)
settings.load_profile("busy machine")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what is slow: at the end, one process would wait for the other."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


@pytest.fixture(scope="session")
def services() -> Iterator[Target]:
    """The target `local`: PostgreSQL and Azurite run for the whole session, in a temporary folder."""
    with tempfile.TemporaryDirectory(prefix="jobs-") as folder:
        os.environ["JOBS_LOCAL"] = folder
        start_services(*SERVICES)
        yield Target.from_outputs(local_outputs(), "local up")
        stop_services()
        del os.environ["JOBS_LOCAL"]


@pytest.fixture
def services_folder() -> Iterator[Path]:
    """A state folder for a test that starts services itself.

    It is not below tmp_path: pytest closes that to other users, and PostgreSQL may run as another one.
    """
    with tempfile.TemporaryDirectory(prefix="jobs-") as folder:
        yield Path(folder) / "my services é"


@pytest.fixture
def laptop_url(services: Target) -> Iterator[str]:
    """The URL of a new database on the laptop's server: current schema, no rows."""
    yield from fresh_database(postgres_server("laptop").url("postgres"))


@pytest.fixture
def target(services: Target) -> Iterator[Target]:
    """The target with a new database and empty containers."""
    empty_containers(services)
    for url in fresh_database(postgres_server("cloud").url("postgres")):
        yield replace(services, postgres_database=database_name(url))


@pytest.fixture
def laptop(services: Target) -> Target:
    """The databases and containers that the option `--target local` uses, all of them empty."""
    empty_laptop(services)
    return services


@pytest.fixture
def cloud_url(target: Target) -> str:
    """The URL of the target's database."""
    return target_url(target)


@pytest.fixture
def project() -> Path:
    """The folder of the project."""
    return Path(__file__).parent.parent


@pytest.fixture(scope="session")
def drawn_faces(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with 40 drawn faces. All tests share it: do not change it."""
    folder = tmp_path_factory.mktemp("drawn")
    sample.draw_sample(folder, 40, 1)
    return folder


@pytest.fixture
def faces(drawn_faces: Path, tmp_path: Path) -> Path:
    """A copy of the drawn faces for one test."""
    return Path(shutil.copytree(drawn_faces, tmp_path / "faces"))


@pytest.fixture(scope="session")
def weights(drawn_faces: Path, services: Target) -> str:
    """The file of seeded weights, calibrated on the drawn faces."""
    return str(random_weights(read_sample(find_pictures(drawn_faces).pictures, 40)).file)


@pytest.fixture(scope="session")
def embedded_database(drawn_faces: Path, weights: str) -> Iterator[str]:
    """The name of a database with the drawn faces embedded: the template of filled_url."""
    for url in fresh_database(postgres_server("laptop").url("postgres")):
        embed_pictures(drawn_faces, url, EmbedOptions(weights=weights))
        yield database_name(url)


@pytest.fixture
def filled_url(embedded_database: str) -> Iterator[str]:
    """The URL of a database on the laptop's server with the drawn faces embedded."""
    yield from fresh_database(postgres_server("laptop").url("postgres"), embedded_database)


@pytest.fixture(scope="session")
def authority() -> Iterator[CertificateAuthority]:
    """The certificate authority that signs the certificates of all fakes."""
    with tempfile.TemporaryDirectory(prefix="authority-") as folder:
        yield CertificateAuthority(Path(folder))


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is the whole PATH, and an environment without a login: no installed program is found."""
    if os.name == "nt":
        pytest.skip("Windows does not run a script as a program")
    folder = tmp_path / "programs"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    for name in list(os.environ):
        if name.startswith(LOGIN_VARIABLES):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AZURE_TOKEN_CREDENTIALS", "AzureCliCredential")
    credential.cache_clear()
    return folder


@pytest.fixture
def az(programs: Path) -> FakeProgram:
    """The Azure CLI as a script, logged in."""
    program = FakeProgram(programs, "az")
    token = {"accessToken": "marker-token-of-the-tests", "expires_on": 4102444800, "tenant": "t", "tokenType": "Bearer"}
    program.set_output("account get-access-token", token)
    return program


@pytest.fixture
def cloud(authority: CertificateAuthority, az: FakeProgram, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    """Azure's hosts on loopback: put fakes into `cloud.services`. Programs that a test starts see them too."""
    fakes = Cloud(authority)
    fakes.start()
    for name, value in fakes.environment().items():
        monkeypatch.setenv(name, value)
    yield fakes
    credential.cache_clear()
    fakes.stop()


@pytest.fixture
def trusted_authority(authority: CertificateAuthority, monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL clients connect to loopback whatever the host name, and trust the authority."""
    monkeypatch.setenv("PGHOSTADDR", "127.0.0.1")
    monkeypatch.setenv("PGSSLROOTCERT", str(authority.roots))


@pytest.fixture
def open_gateway(target: Target, trusted_authority: None) -> Iterator[OpenGateway]:
    """A function that opens a TLS gateway in front of the target's PostgreSQL."""
    gateways: list[Gateway] = []

    def open_gateway(certificate: Certificate | None) -> Gateway:
        gateways.append(Gateway(target.postgres_port, server_tls(certificate) if certificate else None))
        return gateways[-1]

    yield open_gateway
    for gateway in gateways:
        gateway.close()


@pytest.fixture
def gateway(open_gateway: OpenGateway, authority: CertificateAuthority) -> Gateway:
    """A TLS gateway with a valid certificate, in front of the target's PostgreSQL."""
    return open_gateway(authority.certificate(HOST))
