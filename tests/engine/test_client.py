"""The provider's client against the played Azure, over TLS: login, operations, retries, errors."""

from collections.abc import Iterator

import pytest

from tests.azure_fakes.arm_requests import BODIES, GROUP, SECRET, STORAGE, VAULT, ArmRequests
from tests.azure_fakes.azure import Azure
from tests.azure_fakes.cloud import Cloud
from tests.azure_fakes.played_azure import PlayedAzure
from tests.certificates import CertificateAuthority
from tests.engine.client import ArmClient, AzureError

VERSION = "2024-01-01"


@pytest.fixture
def azure() -> Azure:
    """An Azure whose operations take a moment, with an empty group."""
    azure = Azure()
    ArmRequests(azure).make()
    azure.operation_seconds = 0.2
    return azure


@pytest.fixture
def client(azure: Azure, authority: CertificateAuthority) -> Iterator[ArmClient]:
    cloud = Cloud(authority)
    PlayedAzure(cloud, azure)
    cloud.start()
    yield ArmClient(cloud.url, str(authority.roots))
    cloud.stop()


def test_a_resource_is_complete_when_put_returns_and_gone_when_delete_does(client: ArmClient, azure: Azure) -> None:
    assert client.get(STORAGE, VERSION) is None
    assert client.put(STORAGE, VERSION, BODIES[STORAGE])["properties"]["provisioningState"] == "Succeeded"
    client.delete(STORAGE, VERSION)
    assert client.get(STORAGE, VERSION) is None
    client.delete(STORAGE, VERSION)
    assert list(azure.resources) == [GROUP.lower()]


def test_an_error_is_in_the_words_of_azure_native(client: ArmClient) -> None:
    with pytest.raises(AzureError, match='Status=404 Code="ResourceGroupNotFound" Message="'):
        client.put(STORAGE.replace(GROUP, f"{GROUP}-2"), VERSION, BODIES[STORAGE])


def test_a_throttled_request_is_sent_again_and_a_conflict_is_not(client: ArmClient, azure: Azure) -> None:
    azure.throttled = 1
    client.put(STORAGE, VERSION, BODIES[STORAGE])
    azure.half_made = ["vaults/kv-lake$"]
    with pytest.raises(AzureError, match="StorageAccountOperationInProgress"):
        client.put(VAULT, VERSION, BODIES[VAULT])


def test_a_token_is_kept_until_it_is_about_to_expire(client: ArmClient, azure: Azure) -> None:
    client.get(GROUP, VERSION)
    client.get(GROUP, VERSION)
    assert len(azure.tokens) == 1
    client._until = 0.0
    client.get(GROUP, VERSION)
    assert len(azure.tokens) == 2
    client._until, azure.logged_out = 0.0, True
    with pytest.raises(AzureError, match="AADSTS700082"):
        client.get(GROUP, VERSION)


def test_a_secret_is_deleted_through_its_vault(client: ArmClient, azure: Azure) -> None:
    ArmRequests(azure).make(VAULT, SECRET)
    with pytest.raises(AzureError, match="Forbidden"):
        client.delete_secret("kv-lake", "password")
