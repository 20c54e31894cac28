"""Pulumi's own engine, and a stack that it runs on the played Azure."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.azure_fakes.azure import Azure
from tests.azure_fakes.cloud import Cloud
from tests.azure_fakes.played_azure import PlayedAzure
from tests.certificates import CertificateAuthority
from tests.engine.client import ArmClient
from tests.engine.engine_stack import EngineStack
from tests.engine.plugins import Plugins

MISSING = "Pulumi is not on PATH: https://www.pulumi.com/docs/install/, or `tests/engine/build.sh FOLDER` with Go"
OPERATION_SECONDS, SETTLE_SECONDS = 0.3, 1.0


@pytest.fixture(scope="session")
def pulumi() -> str:
    """The path of the Pulumi CLI. Without it the test is skipped."""
    path = shutil.which("pulumi")
    if path is None:
        pytest.skip(MISSING)
    return path


@pytest.fixture
def engine_stack(pulumi: str, authority: CertificateAuthority, tmp_path: Path) -> Iterator[EngineStack]:
    """The stack `dev` before its first `pulumi up`, on an empty played Azure."""
    cloud, azure = Cloud(authority), Azure(operation_seconds=OPERATION_SECONDS, settle_seconds=SETTLE_SECONDS)
    PlayedAzure(cloud, azure)
    cloud.start()
    plugins = Plugins(ArmClient(cloud.url, str(authority.roots)))
    stack = EngineStack(tmp_path, cloud, azure, plugins)
    stack.init()
    yield stack
    plugins.close()
    cloud.stop()
