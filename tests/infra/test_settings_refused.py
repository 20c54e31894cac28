"""Wrong settings: the error names key, value and what is allowed, and never is a traceback."""

import json
from typing import Any

import pulumi
import pytest

from tests.infra.configuration import OFFERED, load

ANYWHERE = "0.0.0.0"  # noqa: S104 - a setting that must be refused, bound nowhere
MODEL = {"alias": "chat", "model": "gpt-5.4-mini", "version": "2026-03-17", "sku": "GlobalStandard", "capacity": 1}


@pytest.mark.parametrize(
    ("key", "value", "allowed"),
    [
        ("location", "Sweden Central", "swedencentral"),
        ("databaseLocation", "north-europe", "swedencentral"),
        ("nameSuffix", "Dev", "lower-case"),
        ("nameSuffix", "abcdefghijk", "at most 10"),
        ("resourceGroup", "ends.", "no full stop"),
        ("picturesAccount", "st-fer", "lower-case letters and digits"),
        ("lakeAccount", "x" * 25, "3 to 24"),
        ("postgresServer", "psql-", "single hyphens"),
        ("vault", "9-lives", "letter first"),
        ("factory", "a_b", "hyphens"),
        ("postgresVersion", "15", "16, 17, 18"),
        ("postgresSku", "B1ms", "Standard_B1ms"),
        ("postgresSku", "Standard_B1", "Standard_B1ms"),
        ("postgresSku", "Standard_B3ms", "Standard_B1ms"),
        ("postgresSku", "Standard_D2", "Standard_D2ds_v5"),
        ("postgresSku", "Standard_E3ds_v5", "Standard_D2ds_v5"),
        ("postgresSku", "Standard_D2_v5", "Standard_D2ds_v5"),
        ("postgresUser", "admin", "azure_pg_admin"),
        ("postgresUser", "pg_me", "pg_"),
        ("postgresUser", "fer2013", "lower-case letters"),
        ("postgresUser", "none", "public, none"),
        ("postgresUser", "azuresu", "azuresu"),
        ("entraAdminName", "pg_monitor", "must not start with pg_"),
        ("entraAdminName", "PG_monitor", "must not start with pg_"),
        ("entraAdminName", "public", "public, none"),
        ("entraAdminName", "none", "public, none"),
        ("entraAdminName", "azure_pg_admin", "azure_pg_admin"),
        ("entraAdminName", "azure_superuser", "azure_superuser"),
        ("entraAdminName", "replication", "replication"),
        ("entraAdminName", "Administrator", "administrator"),
        ("storageSku", "Premium_LRS", "Standard_LRS"),
        ("storageSku", "RAGRS", "Standard_RAGRS"),
        ("allowAzureServices", "yes", "true, false"),
        ("allowedIps", "203.0.113.7", "list of IPv4"),
        ("allowedIps", '["203.0.113.0/24"]', "list of IPv4"),
        ("allowedIps", "[7]", "list of IPv4"),
        ("allowedIps", '"203.0.113.7"', "list of IPv4"),
        ("allowedIps", "7", "list of IPv4"),
        ("allowedIps", json.dumps([ANYWHERE]), "allowAzureServices"),
        ("allowedIps", '["203.0.113.7", "203.0.113.7"]', "different"),
        ("location", "atlantis", "regions.py lists them"),
        ("aiLocation", "sweden", "or empty"),
        ("private", "maybe", "true, false"),
        ("networkRange", "10.20.0.1/24", "such as 10.20.0.0/24"),
        ("networkRange", "10.20.0.0/28", "/16 to /27"),
        ("networkRange", "203.0.112.0/24", "a private IPv4 range"),
        ("networkRange", "127.0.0.0/24", "a private IPv4 range"),
        ("networkRange", "169.254.0.0/24", "a private IPv4 range"),
        ("search", "standard", "none, free, basic"),
        ("machineLearning", "yes", "true, false"),
        ("mlLocation", "moon", "or empty"),
        ("mlWorkspace", "ml", "3 to 33"),
        ("mlWorkspace", "-mlw", "single hyphens"),
        ("mlAccount", "st-ml", "lower-case letters and digits"),
        ("mlRegistry", "cr-fer", "5 to 50 letters and digits"),
        ("mlRegistry", "acr", "5 to 50"),
        ("mlComputeSize", "DS3_v2", "Standard_DS3_v2"),
        ("mlComputeSize", "Standard_NC6s_v3", "Azure retired the series NCv3 on 2025-09-30"),
        ("mlComputeSize", "standard_nc6s_v3", "a virtual machine size"),
        ("mlPriority", "Spot", "Dedicated, LowPriority"),
        ("searchService", "-srch", "none of the first two"),
        ("diagnostics", "on", "true, false"),
        ("foundryAccount", "AI-fer", "lower-case letters"),
        ("lakeAccount", "stferimagenes", "another name than picturesAccount's"),
        ("entraAdminId", "ana@example.edu", "an Entra object id, or empty"),
        ("entraAdminName", "x" * 64, "1 to 63"),
        ("entraAdminName", " ana", "inner spaces"),
        ("deployerType", "Person", "User, ServicePrincipal, Group"),
        ("budgetEmails", '["me"]', "e-mail addresses"),
        ("budgetAmount", "0", "from 1 to 1000000"),
        ("budgetAmount", "2.5", "from 1 to 1000000"),
        ("budgetStart", "2026-11-02", "first day of a month"),
        ("budgetStart", "2026-13-01", "first day of a month"),
        ("budgetStart", "2016-01-01", "since June 2017"),
        ("budgetStart", "9999-12-01", "at most a year ahead"),
        ("models", "chat", "a list"),
        ("models", "null", "a list"),
        ("budgetEmails", "null", "e-mail addresses"),
        ("models", '["chat"]', "alias, capacity, model"),
        ("models", json.dumps([MODEL, {**MODEL, "alias": "CHAT"}]), "different aliases"),
        ("models", json.dumps([{**MODEL, "capacity": 0}]), "models[0].capacity is 0"),
        ("models", json.dumps([{**MODEL, "capacity": True}]), "models[0].capacity is True"),
        ("models", json.dumps([{**MODEL, "sku": "S0"}]), "GlobalStandard"),
        ("models", json.dumps([{**MODEL, "version": 1}]), "in quotation marks"),
        ("models", json.dumps([{**MODEL, "version": "2026-03-17T00:00:00Z"}]), "in quotation marks"),
        ("models", json.dumps([{**MODEL, "upgradePolicy": "Never"}]), "NoAutoUpgrade"),
        ("models", json.dumps([{**MODEL, "versoin": "1"}]), "it must be an object with alias"),
        ("models", json.dumps([{key: MODEL[key] for key in MODEL if key != "version"}]), "has no version"),
    ],
)
def test_a_wrong_value_is_reported_with_key_value_and_what_is_allowed(key: str, value: str, allowed: str) -> None:
    with pytest.raises(pulumi.RunError) as error:
        load({key: value})
    message = str(error.value)
    assert message.startswith(f"vector-lake:{key} is {value!r}: ")
    assert allowed in message


@pytest.mark.parametrize("key", [key for key, spec in OFFERED.items() if spec["type"] == "array"])
def test_a_wrong_list_is_fixed_in_the_file_of_the_stack(key: str) -> None:
    with pytest.raises(pulumi.RunError, match=r"Fix it in Pulumi\.test\.yaml\.$"):
        load({key: [None]})


def test_a_name_that_is_too_long_with_its_suffix_names_the_suffix() -> None:
    with pytest.raises(pulumi.RunError, match=r"vector-lake:picturesAccount is .* nameSuffix 'abcdef'.*3 to 24"):
        load({"picturesAccount": "x" * 19, "nameSuffix": "abcdef"})


@pytest.mark.parametrize(
    ("settings", "key", "allowed"),
    [
        ({"private": True, "allowedIps": ["203.0.113.7"]}, "allowedIps", "no public address"),
        ({"private": True, "search": "free"}, "search", "none or basic"),
        ({"private": True, "machineLearning": True}, "machineLearning", "has not been built yet"),
        ({"mlAccount": "stferimagenes", "machineLearning": True}, "mlAccount", "another name than picturesAccount's"),
        ({"mlAccount": "stferlakehouse", "machineLearning": True}, "mlAccount", "and lakeAccount's"),
        ({"entraAdminName": "feradmin"}, "entraAdminName", "already has a role feradmin"),
        ({"factory": "public", "entraOnly": True}, "factory", "it is a login too"),
        ({"entraAdminName": "adf-fer", "entraOnly": True}, "entraAdminName", "already has a role adf-fer"),
    ],
)
def test_settings_that_exclude_each_other_are_refused(settings: dict[str, Any], key: str, allowed: str) -> None:
    with pytest.raises(pulumi.RunError, match=f"vector-lake:{key} is .*{allowed}"):
        load(settings)


def test_an_unknown_key_is_reported_with_all_keys() -> None:
    with pytest.raises(
        pulumi.RunError, match=r"vector-lake:postgresSKU is 'x': there is no such setting.*postgresSku"
    ) as error:
        load({"postgresSKU": "x"})
    assert "pulumi config rm postgresSKU" in str(error.value)


@pytest.mark.parametrize("key", sorted(OFFERED))
@pytest.mark.parametrize("garbage", ["\x00", "{}", "[[]]", '[{"a": 1}]', "é" * 99, "[" * 50, '"\n'])
def test_garbage_never_ends_in_a_traceback(key: str, garbage: str) -> None:
    with pytest.raises(pulumi.RunError, match=f"vector-lake:{key} is "):
        load({key: garbage})
