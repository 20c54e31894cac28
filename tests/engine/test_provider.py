"""The stand-in of azure-native, asked as the engine asks it: over gRPC, against the played Azure."""

from collections.abc import Iterator
from typing import Any

import grpc
import pytest
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from tests.azure_fakes.arm_requests import GROUP, STORAGE, ArmRequests
from tests.azure_fakes.azure import Azure
from tests.azure_fakes.cloud import Cloud
from tests.azure_fakes.played_azure import PlayedAzure
from tests.certificates import CertificateAuthority
from tests.engine.bodies import UNKNOWN
from tests.engine.client import ArmClient
from tests.engine.messages import plain, struct
from tests.engine.plugins import Plugins

URN = "urn:pulumi:dev::vector-lake::azure-native:storage:StorageAccount::lake"
ROLE_URN = "urn:pulumi:dev::vector-lake::azure-native:authorization:RoleAssignment::reader"
INPUTS = {
    "accountName": "stlake",
    "resourceGroupName": GROUP.rpartition("/")[2],
    "kind": "StorageV2",
    "sku": {"name": "Standard_LRS"},
}


@pytest.fixture
def azure() -> Azure:
    """An Azure with an empty group."""
    azure = Azure()
    ArmRequests(azure).make()
    return azure


@pytest.fixture
def stub(azure: Azure, authority: CertificateAuthority) -> Iterator[Any]:
    cloud = Cloud(authority)
    PlayedAzure(cloud, azure)
    cloud.start()
    plugins = Plugins(ArmClient(cloud.url, str(authority.roots)))
    port = plugins.debug_providers.partition(",")[0].partition(":")[2]
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield provider_pb2_grpc.ResourceProviderStub(channel)
    plugins.close()
    cloud.stop()


def check(stub: Any, urn: str, inputs: dict[str, Any], olds: dict[str, Any] | None = None) -> Any:
    return stub.Check(provider_pb2.CheckRequest(urn=urn, news=struct(inputs), olds=struct(olds or {}), randomSeed=b"1"))


def create(stub: Any, preview: bool = False) -> Any:
    inputs = plain(check(stub, URN, INPUTS).inputs)
    return stub.Create(provider_pb2.CreateRequest(urn=URN, properties=struct(inputs), preview=preview))


def test_check_fills_in_what_the_program_left_out(stub: Any) -> None:
    seen = plain(check(stub, URN, INPUTS).inputs)
    assert (seen["location"], seen["azureApiVersion"]) == ("swedencentral", "2024-01-01")
    role = plain(check(stub, ROLE_URN, {"scope": STORAGE, "principalId": "p", "roleDefinitionId": "r"}).inputs)
    assert len(role["roleAssignmentName"]) == 36
    kept = check(stub, ROLE_URN, {"scope": STORAGE, "principalId": "p", "roleDefinitionId": "r"}, role)
    assert plain(kept.inputs) == role


def test_check_refuses_what_is_missing_or_of_another_type(stub: Any) -> None:
    reasons = [each.reason for each in check(stub, URN, {"accountName": "x"}).failures]
    assert reasons == ["missing required property 'resourceGroupName'"]
    (failure,) = check(stub, URN, {**INPUTS, "isHnsEnabled": "yes"}).failures
    assert "'yes' is not a boolean" in failure.reason


def test_a_preview_creates_nothing(stub: Any, azure: Azure) -> None:
    seen = plain(create(stub, preview=True).properties)
    assert (seen["sku"]["name"], seen["primaryEndpoints"]) == ("Standard_LRS", UNKNOWN)
    assert not azure.find(STORAGE)


def test_what_exists_is_not_created_again(stub: Any) -> None:
    made = create(stub)
    assert made.id == STORAGE and plain(made.properties)["primaryEndpoints"]["blob"].startswith("https://stlake.")
    with pytest.raises(grpc.RpcError) as refused:
        create(stub)
    assert refused.value.details() == f"cannot create already existing resource '{STORAGE}'"


def test_another_name_or_region_needs_another_account_and_another_sku_does_not(stub: Any) -> None:
    olds = plain(check(stub, URN, INPUTS).inputs)

    def diff(**changes: Any) -> Any:
        news = struct({**olds, **changes})
        return stub.Diff(provider_pb2.DiffRequest(urn=URN, old_inputs=struct(olds), news=news))

    assert set(diff(accountName="other", location="elsewhere").replaces) == {"accountName", "location"}
    assert list(diff(sku={"name": "Standard_GRS"}).replaces) == []
    assert diff().changes == provider_pb2.DiffResponse.DIFF_NONE


def test_read_shows_what_somebody_changed_and_what_is_gone(stub: Any, azure: Azure) -> None:
    made, inputs = create(stub), check(stub, URN, INPUTS).inputs
    request = provider_pb2.ReadRequest(id=made.id, urn=URN, properties=made.properties, inputs=inputs)
    assert plain(stub.Read(request).inputs) == plain(inputs)
    account = azure.find(STORAGE)
    assert account
    account.body["sku"]["name"] = "Standard_GRS"
    assert plain(stub.Read(request).inputs)["sku"] == {"name": "Standard_GRS"}
    stub.Delete(provider_pb2.DeleteRequest(id=made.id, urn=URN, properties=made.properties))
    assert stub.Read(request).id == ""
