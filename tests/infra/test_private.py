"""The private mode: no service has public access, and each has a private endpoint in the virtual network."""

import itertools
from typing import Any

import pytest

from tests.infra.recorder import Program, run_program

ENDPOINTS = {
    "database-postgresqlserver": {"privatelink.postgres.database.azure.com"},
    "pictures-blob": {"privatelink.blob.core.windows.net"},
    "lake-blob": {"privatelink.blob.core.windows.net"},
    "lake-dfs": {"privatelink.dfs.core.windows.net"},
    "vault-vault": {"privatelink.vaultcore.azure.net"},
    "foundry-account": {
        "privatelink.cognitiveservices.azure.com",
        "privatelink.openai.azure.com",
        "privatelink.services.ai.azure.com",
    },
    "search-searchservice": {"privatelink.search.windows.net"},
}


@pytest.fixture(scope="module")
def program() -> Program:
    return run_program({"private": True, "search": "basic", "networkRange": "10.1.0.0/26"})


def test_no_private_resource_exists_by_default() -> None:
    kinds = {each.kind for each in run_program().registered}
    assert not kinds & {"VirtualNetwork", "PrivateEndpoint", "PrivateZone", "ManagedPrivateEndpoint"}


def test_no_service_has_public_access(program: Program) -> None:
    def access(node: dict[str, Any]) -> Any:
        inner = node.get("network") or node.get("properties") or {}
        return node.get("publicNetworkAccess") or inner.get("publicNetworkAccess")

    kinds = ("Server", "StorageAccount", "Vault", "Account", "Service", "Factory")
    services = [each for kind in kinds for each in program.every(kind)]
    assert len(services) == 7
    for each in services:
        assert access(each.inputs) == "Disabled", each.urn
    assert not [each for each in program.registered if each.kind == "FirewallRule"]
    acls = program.only("Vault").inputs["properties"]["networkAcls"]
    assert acls == {"bypass": "AzureServices", "defaultAction": "Deny"}


def test_every_service_has_its_endpoints_and_dns_names(program: Program) -> None:
    zones = {f"/subscriptions/s/PrivateZone/{each.inputs['privateZoneName']}" for each in program.every("PrivateZone")}
    zones_by_endpoint = {}
    for group in program.every("PrivateDnsZoneGroup"):
        ids = {each["privateDnsZoneId"] for each in group.inputs["privateDnsZoneConfigs"]}
        assert ids <= zones
        zones_by_endpoint[group.inputs["privateEndpointName"]] = {each.rpartition("/")[2] for each in ids}
    assert zones_by_endpoint == ENDPOINTS
    assert {each.inputs["privateEndpointName"] for each in program.every("PrivateEndpoint")} == ENDPOINTS.keys()


def test_every_zone_is_linked_to_the_network(program: Program) -> None:
    network = program.only("VirtualNetwork")
    assert network.inputs["addressSpace"] == {"addressPrefixes": ["10.1.0.0/26"]}
    links = {each.inputs["privateZoneName"]: each for each in program.every("VirtualNetworkLink")}
    assert links.keys() == {each.inputs["privateZoneName"] for each in program.every("PrivateZone")}
    for link in links.values():
        assert network.urn in link.after


def test_endpoints_are_created_one_by_one_after_their_complete_service(program: Program) -> None:
    every = program.every("PrivateEndpoint") + program.every("ManagedPrivateEndpoint")
    for one, other in itertools.combinations(every, 2):
        assert program.waits(one, other) or program.waits(other, one), f"{one.urn} beside {other.urn}"
        assert one.retried and other.retried
    assert program.only("AdministratorsMicrosoftEntra").urn in program.named("database-postgresqlserver").after
    complete = {program.only("VirtualNetwork").urn, *(each.urn for each in program.every("Secret"))}
    assert complete <= program.named("vault-vault").after


def test_zone_groups_are_created_after_and_deleted_before_their_zones(program: Program) -> None:
    for group in program.every("PrivateDnsZoneGroup"):
        zones = [each["privateDnsZoneId"].rpartition("/")[2] for each in group.inputs["privateDnsZoneConfigs"]]
        assert group.deleted_with == "", "deleted with its endpoint, it would still name deleted zones"
        assert {program.named(each).urn for each in zones} <= group.after
        assert program.named(group.inputs["privateEndpointName"]).urn in group.after


def test_an_endpoint_is_replaced_with_its_service(program: Program) -> None:
    for each in program.every("PrivateEndpoint") + program.every("ManagedPrivateEndpoint"):
        if each.kind == "PrivateEndpoint":
            (connection,) = each.inputs["privateLinkServiceConnections"]
            service_id = connection["privateLinkServiceId"]
        else:
            service_id = each.inputs["properties"]["privateLinkResourceId"]
        (urn,) = each.replaced_with
        (service,) = [other for other in program.registered if other.urn == urn]
        assert service_id.startswith(f"/subscriptions/s/{service.kind}/")
        assert service_id.rpartition("/")[2] in service.inputs.values()
        assert each.deleted_first, "the new one has the same name"


def test_the_factory_copies_inside_its_managed_network(program: Program) -> None:
    (network,) = program.named("managed-network").inputs["properties"]["template"]["resources"]
    assert (network["type"], network["name"]) == (
        "Microsoft.DataFactory/factories/managedVirtualNetworks",
        "adf-fer/default",
    )
    runtime = program.only("IntegrationRuntime")
    assert runtime.inputs["properties"]["managedVirtualNetwork"]["referenceName"] == "default"
    assert program.named("managed-network").urn in runtime.after
    endpoints = {each.inputs["managedPrivateEndpointName"]: each for each in program.every("ManagedPrivateEndpoint")}
    assert endpoints.keys() == {"database-postgresqlserver", "pictures-blob", "lake-dfs", "vault-vault"}
    for each in endpoints.values():
        assert each.deleted_with == program.only("Factory").urn
        assert program.named("managed-network").urn in each.after


@pytest.mark.parametrize("entra_only", [False, True])
def test_every_linked_service_uses_the_private_runtime(entra_only: bool) -> None:
    program = run_program({"private": True, "entraOnly": entra_only})
    runtime = program.only("IntegrationRuntime")
    services = [(each, each.inputs["properties"]) for each in program.every("LinkedService")]
    if entra_only:
        link = program.named("LS_PostgreSQL_FER_Entra")
        services.append((link, link.inputs["properties"]["template"]["resources"][0]["properties"]))
    assert len(services) == 4
    for each, properties in services:
        assert properties["connectVia"] == {"referenceName": "PrivateRuntime", "type": "IntegrationRuntimeReference"}
        assert runtime.urn in each.after
