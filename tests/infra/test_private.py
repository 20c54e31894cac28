"""The private mode: nothing answers on the internet, and every service has its door in the network."""

import itertools
from typing import Any

import pytest

from tests.infra.recorder import Program, run_program

DOORS = {
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


def test_nothing_of_it_is_there_unasked() -> None:
    kinds = {each.kind for each in run_program().registered}
    assert not kinds & {"VirtualNetwork", "PrivateEndpoint", "PrivateZone", "ManagedPrivateEndpoint"}


def test_nothing_answers_on_the_internet(program: Program) -> None:
    def access(node: dict[str, Any]) -> Any:
        inner = node.get("network") or node.get("properties") or {}
        return node.get("publicNetworkAccess") or inner.get("publicNetworkAccess")

    kinds = ("Server", "StorageAccount", "Vault", "Account", "Service", "Factory")
    services = [each for kind in kinds for each in program.every(kind)]
    assert len(services) == 7
    for each in services:
        assert access(each.inputs) == "Disabled", each.urn
    assert not [each for each in program.registered if each.kind == "FirewallRule"]


def test_every_service_has_its_doors_and_their_names(program: Program) -> None:
    zones = {f"/subscriptions/s/PrivateZone/{each.inputs['privateZoneName']}" for each in program.every("PrivateZone")}
    found = {}
    for group in program.every("PrivateDnsZoneGroup"):
        ids = {each["privateDnsZoneId"] for each in group.inputs["privateDnsZoneConfigs"]}
        assert ids <= zones
        found[group.inputs["privateEndpointName"]] = {each.rpartition("/")[2] for each in ids}
    assert found == DOORS
    assert {each.inputs["privateEndpointName"] for each in program.every("PrivateEndpoint")} == DOORS.keys()


def test_every_zone_is_known_in_the_network(program: Program) -> None:
    network = program.only("VirtualNetwork")
    assert network.inputs["addressSpace"] == {"addressPrefixes": ["10.1.0.0/26"]}
    links = {each.inputs["privateZoneName"]: each for each in program.every("VirtualNetworkLink")}
    assert links.keys() == {each.inputs["privateZoneName"] for each in program.every("PrivateZone")}
    for link in links.values():
        assert network.urn in link.after


def test_endpoints_are_made_one_by_one_and_after_all_else_of_their_service(program: Program) -> None:
    every = program.every("PrivateEndpoint") + program.every("ManagedPrivateEndpoint")
    for one, other in itertools.combinations(every, 2):
        assert program.waits(one, other) or program.waits(other, one), f"{one.urn} beside {other.urn}"
        assert one.retried and other.retried
    assert program.only("AdministratorsMicrosoftEntra").urn in program.named("database-postgresqlserver").after
    assert {program.only("VirtualNetwork").urn, program.only("Secret").urn} <= program.named("vault-vault").after


def test_names_are_made_after_and_deleted_before_what_they_name(program: Program) -> None:
    for group in program.every("PrivateDnsZoneGroup"):
        zones = [each["privateDnsZoneId"].rpartition("/")[2] for each in group.inputs["privateDnsZoneConfigs"]]
        assert group.deleted_with == "", "its endpoint goes beside the zones, and it would name zones that are gone"
        assert {program.named(each).urn for each in zones} <= group.after
        assert program.named(group.inputs["privateEndpointName"]).urn in group.after


def test_an_endpoint_is_replaced_with_the_service_that_it_leads_to(program: Program) -> None:
    for each in program.every("PrivateEndpoint") + program.every("ManagedPrivateEndpoint"):
        if each.kind == "PrivateEndpoint":
            (connection,) = each.inputs["privateLinkServiceConnections"]
            leads_to = connection["privateLinkServiceId"]
        else:
            leads_to = each.inputs["properties"]["privateLinkResourceId"]
        (urn,) = each.replaced_with
        (service,) = [other for other in program.registered if other.urn == urn]
        assert leads_to.startswith(f"/subscriptions/s/{service.kind}/")
        assert leads_to.rpartition("/")[2] in service.inputs.values()
        assert each.deleted_first, "it has the same name again"


def test_the_factory_copies_within_its_own_network(program: Program) -> None:
    (network,) = program.named("managed-network").inputs["properties"]["template"]["resources"]
    assert (network["type"], network["name"]) == (
        "Microsoft.DataFactory/factories/managedVirtualNetworks",
        "adf-fer/default",
    )
    runtime = program.only("IntegrationRuntime")
    assert runtime.inputs["properties"]["managedVirtualNetwork"]["referenceName"] == "default"
    assert program.named("managed-network").urn in runtime.after
    doors = {each.inputs["managedPrivateEndpointName"]: each for each in program.every("ManagedPrivateEndpoint")}
    assert doors.keys() == {"database-postgresqlserver", "pictures-blob", "lake-dfs", "vault-vault"}
    for each in doors.values():
        assert each.deleted_with == program.only("Factory").urn
        assert program.named("managed-network").urn in each.after


@pytest.mark.parametrize("entra_only", [False, True])
def test_every_linked_service_goes_through_the_private_runtime(entra_only: bool) -> None:
    program = run_program({"private": True, "entraOnly": entra_only})
    runtime = program.only("IntegrationRuntime")
    given = [(each, each.inputs["properties"]) for each in program.every("LinkedService")]
    if entra_only:
        link = program.named("LS_PostgreSQL_FER_Entra")
        given.append((link, link.inputs["properties"]["template"]["resources"][0]["properties"]))
    assert len(given) == 4
    for each, properties in given:
        assert properties["connectVia"] == {"referenceName": "PrivateRuntime", "type": "IntegrationRuntimeReference"}
        assert runtime.urn in each.after
