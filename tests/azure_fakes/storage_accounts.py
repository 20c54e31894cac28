"""A stack's storage account, played on loopback, for clients that wait for nothing."""

from collections.abc import Callable
from itertools import count

import pytest
from azure.core.pipeline.transport import HttpTransport

from jobs.target import Target
from tests.azure_fakes.cloud import Answer, Cloud, Request
from tests.azure_fakes.storage import Storage

HOST = "stferimagenes.blob.core.windows.net"


@pytest.fixture
def storage(cloud: Cloud) -> Storage:
    cloud.services[HOST] = played = Storage(("imagenes", "raw"))
    return played


@pytest.fixture
def azure() -> Target:
    """A stack's storage: one account for both containers."""
    values = {name: "" for name in Target.__dataclass_fields__} | {"postgres_port": 5432}
    there = {"pictures_url": f"https://{HOST}/", "lake_url": f"https://{HOST}/", "storage_auth": "identity"}
    return Target(**values | there | {"pictures_container": "imagenes", "lake_container": "raw"})


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that clients would have waited."""
    waited: list[float] = []
    monkeypatch.setattr(HttpTransport, "sleep", lambda self, seconds: waited.append(seconds))
    return waited


def asked(cloud: Cloud, method: str) -> list[Request]:
    return [each for each in cloud.asked if each.method == method]


def times(number: int, answer: Answer) -> Callable[[Request], Answer | None]:
    """The same answer to the first requests."""
    numbers = count()
    return lambda request: answer if next(numbers) < number else None
