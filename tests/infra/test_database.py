"""The server and its children: created one after the other, with the firewall and administrators of the settings."""

import itertools
from typing import Any

import pytest
from pulumi.runtime import rpc

from tests.infra.configuration import TENANT
from tests.infra.recorder import Program, run_program

AZURE = "0.0.0.0"  # noqa: S104 - it means every Azure address, bound nowhere
SOMEBODY = "12345678-1234-1234-1234-123456789abc"


@pytest.fixture(scope="module")
def program() -> Program:
    """The program with two allowed addresses."""
    return run_program({"allowedIps": ["203.0.113.7", "198.51.100.9"], "nameSuffix": "x1"})


def test_server_is_the_small_one_without_extras(program: Program) -> None:
    server = program.only("Server").inputs
    assert server["version"] == "18"
    assert server["sku"] == {"name": "Standard_B1ms", "tier": "Burstable"}
    assert server["storage"] == {"storageSizeGB": 32, "tier": "P4", "autoGrow": "Disabled"}
    assert "highAvailability" not in server, "the SDK would send standbyAvailabilityZone '' with it"
    assert "availabilityZone" not in server, "Azure chooses it"
    assert server["backup"] == {"backupRetentionDays": 7, "geoRedundantBackup": "Disabled"}
    assert server["authConfig"] == {
        "activeDirectoryAuth": "Enabled",
        "passwordAuth": "Enabled",
        "tenantId": TENANT,
    }
    assert server["administratorLogin"] == "feradmin"
    assert program.only("Server").replace_on == {"administratorLogin"}, "Azure cannot change a login"


@pytest.mark.parametrize("entra_only", [False, True])
def test_the_server_has_an_identity_of_its_own_where_only_entra_logs_in(entra_only: bool) -> None:
    server = run_program({"entraOnly": entra_only}).only("Server").inputs
    assert server.get("identity") == ({"type": "SystemAssigned"} if entra_only else None)


@pytest.mark.parametrize(
    ("sku", "tier"), [("Standard_D2ds_v5", "GeneralPurpose"), ("Standard_E4ds_v5", "MemoryOptimized")]
)
def test_tier_follows_the_size(sku: str, tier: str) -> None:
    assert run_program({"postgresSku": sku}).only("Server").inputs["sku"] == {"name": sku, "tier": tier}


def test_vector_is_allowed_and_the_database_exists(program: Program) -> None:
    setting = program.only("Configuration").inputs
    assert (setting["configurationName"], setting["value"]) == ("azure.extensions", "VECTOR")
    assert program.only("Database").inputs["databaseName"] == "fer_vct"


@pytest.mark.parametrize("entra_only", [False, True])
def test_children_of_the_server_never_overlap(entra_only: bool) -> None:
    program = run_program({"allowedIps": ["203.0.113.7", "198.51.100.9"], "entraOnly": entra_only})
    server = program.only("Server")
    children = [each for each in program.registered if each.inputs.get("serverName") == server.inputs["serverName"]]
    children = [each for each in children if each is not server]
    administrators = ["AdministratorsMicrosoftEntra"]  # Data Factory is a reader
    assert [each.kind for each in children] == ["Configuration", "Database"] + ["FirewallRule"] * 3 + administrators
    for one, other in itertools.combinations(children, 2):
        assert one.urn in other.after or other.urn in one.after, f"{one.urn} and {other.urn} run at the same time"
    for child in children:
        assert server.urn in child.after
        assert child.deleted_with == server.urn
        assert child.retried


@pytest.mark.parametrize(
    ("settings", "allowed"),
    [
        ({}, [AZURE]),
        ({"allowAzureServices": False}, []),
        ({"allowAzureServices": False, "allowedIps": ["203.0.113.7"]}, ["203.0.113.7"]),
        ({"allowedIps": ["203.0.113.7"]}, [AZURE, "203.0.113.7"]),
    ],
)
def test_firewall_allows_the_addresses_of_the_settings(settings: dict[str, Any], allowed: list[str]) -> None:
    rules = [each.inputs for each in run_program(settings).registered if each.kind == "FirewallRule"]
    assert [rule["startIpAddress"] for rule in rules] == allowed
    assert [rule["endIpAddress"] for rule in rules] == allowed


@pytest.mark.parametrize(
    ("settings", "identity"),
    [
        ({}, ("o", "entra_admin", "User")),
        ({"deployerType": "ServicePrincipal"}, ("o", "entra_admin", "ServicePrincipal")),
        (
            {"entraAdminId": SOMEBODY, "entraAdminName": "ana@example.edu", "entraAdminType": "Group"},
            (SOMEBODY, "ana@example.edu", "Group"),
        ),
    ],
)
def test_the_administrator_is_the_deployer_or_the_identity_of_the_settings(
    settings: dict[str, Any], identity: tuple[str, str, str]
) -> None:
    administrator = run_program(settings).only("AdministratorsMicrosoftEntra")
    inputs = administrator.inputs
    assert (inputs["objectId"], inputs["principalName"], inputs["principalType"]) == identity
    assert inputs["tenantId"] == TENANT
    assert administrator.replace_on == {"principalName", "principalType"}, "a role in the database keeps its name"


def test_azure_accepts_the_password_with_any_login(program: Program) -> None:
    rule = program.named("password").inputs
    classes = [rule[name] for name in ("minLower", "minUpper", "minNumeric", "minSpecial")]
    assert 8 <= rule["length"] <= 128
    assert min(classes) >= 1
    assert sum(classes) == rule["length"], "the remaining characters could be letters"
    assert rule["minLower"] + rule["minUpper"] < 3, "three letters could be three of the login"
    assert not set(rule["overrideSpecial"]) & set("_@:/;'\"%?#&\\ ")


def test_server_and_vault_get_the_password_as_a_secret(program: Program) -> None:
    password = program.only("Server").inputs["administratorLoginPassword"]
    assert rpc.is_rpc_secret(password)
    secret = program.named("postgres-password").inputs["properties"]
    assert rpc.is_rpc_secret(secret)
    assert rpc.unwrap_rpc_secret(secret)["value"] == rpc.unwrap_rpc_secret(password) == "drawn-password"


def test_each_role_has_a_password_of_its_own_in_the_vault(program: Program) -> None:
    values = {
        each.inputs["secretName"]: rpc.unwrap_rpc_secret(each.inputs["properties"])["value"]
        for each in program.every("Secret")
    }
    assert values == {
        "postgres-password": "drawn-password",
        "postgres-reader-password": "drawn-reader-password",
        "postgres-writer-password": "drawn-writer-password",
    }
