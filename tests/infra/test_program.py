"""The whole program under a recorder: what it asks of Azure, and in which order."""

import ast
import importlib
import inspect
import itertools
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from pulumi.runtime import rpc

from tests.infra.test_settings import INFRA, SIBLINGS
from tests.test_contracts import Program, run_program

AZURE = "0.0.0.0"  # noqa: S104 - Azure's sign for all its addresses, bound nowhere


@pytest.fixture(scope="module")
def program() -> Program:
    """The program with two addresses let in."""
    return run_program({"allowedIps": ["203.0.113.7", "198.51.100.9"], "nameSuffix": "x1"})


def test_runs_again_in_the_same_process_and_leaves_no_module_behind() -> None:
    first, again = run_program(), run_program()
    assert {each.urn: each.inputs for each in first.registered} == {each.urn: each.inputs for each in again.registered}
    assert first.outputs == again.outputs
    assert not SIBLINGS & sys.modules.keys()


def test_first_preview_computes_with_nothing_that_is_not_known_yet(program: Program) -> None:
    preview = run_program({"allowedIps": ["203.0.113.7", "198.51.100.9"]}, first_preview=True)
    assert {each.urn for each in preview.registered} == {each.urn for each in program.registered}
    assert preview.outputs["postgres_host"] is None


def test_imports_only_siblings_and_what_its_requirements_bring() -> None:
    brought = {"pulumi", "pulumi_azure_native", "pulumi_random"}
    for path in INFRA.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            for name in names:
                assert name.partition(".")[0] in {*brought, *SIBLINGS, *sys.stdlib_module_names}, path.name


def test_every_resource_says_where_it_is_and_whose(program: Program) -> None:
    for each in program.registered:
        if not each.token.startswith("azure-native:"):
            continue
        module = importlib.import_module(f"pulumi_azure_native.{each.token.split(':')[1].partition('/')[0]}")
        takes = inspect.signature(getattr(module, each.kind)._internal_init).parameters
        if "location" in takes:
            assert each.inputs["location"] == "swedencentral", each.urn
        if "tags" in takes:
            assert each.inputs["tags"] == {"project": "vector-lake", "stack": "test"}, each.urn


def test_no_key_has_words_in_python_spelling(program: Program) -> None:
    def keys(node: Any) -> Iterator[str]:
        if isinstance(node, dict):
            yield from node
        for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
            yield from keys(child)

    # azure-native drops a key that it does not know, and says nothing.
    assert [key for each in program.registered for key in keys(each.inputs) if "_" in key] == []


def test_storage_is_closed_to_the_public_and_to_keys(program: Program) -> None:
    for account in program.every("StorageAccount"):
        assert account.inputs["allowBlobPublicAccess"] is False
        assert account.inputs["allowSharedKeyAccess"] is False
        assert account.inputs["minimumTlsVersion"] == "TLS1_2"
    assert {container.inputs["publicAccess"] for container in program.every("BlobContainer")} == {"None"}


def test_only_the_lake_has_directories_and_each_account_its_container(program: Program) -> None:
    accounts = {each.inputs["accountName"]: each for each in program.every("StorageAccount")}
    assert {name: each.inputs["isHnsEnabled"] for name, each in accounts.items()} == {
        "stferimagenesx1": False,
        "stferlakehousex1": True,
    }
    for container in program.every("BlobContainer"):
        account = accounts[container.inputs["accountName"]]
        assert account.urn in container.after
        assert container.deleted_with == account.urn
    held = {each.inputs["containerName"]: each.inputs["accountName"] for each in program.every("BlobContainer")}
    assert held == {"imagenes": "stferimagenesx1", "raw": "stferlakehousex1"}


def test_server_is_the_small_one_without_extras(program: Program) -> None:
    server = program.only("Server").inputs
    assert server["version"] == "18"
    assert server["sku"] == {"name": "Standard_B1ms", "tier": "Burstable"}
    assert server["storage"] == {"storageSizeGB": 32, "tier": "P4", "autoGrow": "Disabled"}
    assert server["highAvailability"]["mode"] == "Disabled"
    assert server["backup"] == {"backupRetentionDays": 7, "geoRedundantBackup": "Disabled"}
    assert server["authConfig"] == {
        "activeDirectoryAuth": "Enabled",
        "passwordAuth": "Enabled",
        "tenantId": "the-tenant",
    }


@pytest.mark.parametrize(
    ("sku", "tier"), [("Standard_D2ds_v5", "GeneralPurpose"), ("Standard_E4ds_v5", "MemoryOptimized")]
)
def test_tier_follows_the_size(sku: str, tier: str) -> None:
    assert run_program({"postgresSku": sku}).only("Server").inputs["sku"] == {"name": sku, "tier": tier}


def test_database_may_have_another_region() -> None:
    program = run_program({"databaseLocation": "koreacentral"})
    assert program.only("Server").inputs["location"] == "koreacentral"
    assert program.only("ResourceGroup").inputs["location"] == "swedencentral"


def test_vector_is_allowed_and_the_database_there(program: Program) -> None:
    setting = program.only("Configuration").inputs
    assert (setting["configurationName"], setting["value"]) == ("azure.extensions", "VECTOR")
    assert program.only("Database").inputs["databaseName"] == "fer_vct"


def test_children_of_the_server_never_overlap(program: Program) -> None:
    server = program.only("Server")
    children = [each for each in program.registered if each.inputs.get("serverName") == server.inputs["serverName"]]
    children = [each for each in children if each is not server]
    assert [each.kind for each in children] == ["Configuration", "Database"] + ["FirewallRule"] * 3
    for one, other in itertools.combinations(children, 2):
        assert one.urn in other.after or other.urn in one.after, f"{one.urn} and {other.urn} run at the same time"
    for child in children:
        assert server.urn in child.after
        assert child.deleted_with == server.urn


@pytest.mark.parametrize(
    ("settings", "let_in"),
    [
        ({}, [AZURE]),
        ({"allowAzureServices": False}, []),
        ({"allowAzureServices": False, "allowedIps": ["203.0.113.7"]}, ["203.0.113.7"]),
        ({"allowedIps": ["203.0.113.7"]}, [AZURE, "203.0.113.7"]),
    ],
)
def test_firewall_lets_in_whom_the_settings_name(settings: dict[str, Any], let_in: list[str]) -> None:
    rules = [each.inputs for each in run_program(settings).registered if each.kind == "FirewallRule"]
    assert [rule["startIpAddress"] for rule in rules] == let_in
    assert [rule["endIpAddress"] for rule in rules] == let_in


def test_password_is_one_that_azure_takes_whatever_the_login(program: Program) -> None:
    rule = program.only("RandomPassword").inputs
    classes = [rule[name] for name in ("minLower", "minUpper", "minNumeric", "minSpecial")]
    assert 8 <= rule["length"] <= 128
    assert min(classes) >= 1
    assert sum(classes) == rule["length"], "what is left over could be letters"
    assert rule["minLower"] + rule["minUpper"] < 3, "three letters could be three of the login"
    assert not set(rule["overrideSpecial"]) & set("_@:/;'\"%?#&\\ ")


def test_password_reaches_server_and_vault_as_a_secret(program: Program) -> None:
    password = program.only("Server").inputs["administratorLoginPassword"]
    assert rpc.is_rpc_secret(password)
    kept = program.only("Secret").inputs["properties"]
    assert rpc.is_rpc_secret(kept)
    assert rpc.unwrap_rpc_secret(kept)["value"] == rpc.unwrap_rpc_secret(password) == "a-drawn-Passw0rd"


def test_vault_opens_by_roles_and_can_be_purged(program: Program) -> None:
    vault = program.only("Vault")
    properties = vault.inputs["properties"]
    assert properties["enableRbacAuthorization"] is True
    assert properties["softDeleteRetentionInDays"] == 7
    assert "enablePurgeProtection" not in properties
    assert program.only("Secret").deleted_with == vault.urn


def test_factory_has_an_identity(program: Program) -> None:
    assert program.only("Factory").inputs["identity"] == {"type": "SystemAssigned"}
