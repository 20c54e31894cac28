"""Settings: the program reads exactly the keys of Pulumi.yaml, and every allowed value."""

from datetime import UTC, datetime, timedelta

import pulumi
import pytest
import yaml

from tests.infra.configuration import OFFERED, PROJECT, ROOT, load


def test_the_defaults_are_complete() -> None:
    settings = load({})
    assert settings.database_location == settings.location == "swedencentral"
    assert (settings.postgres_version, settings.postgres_sku) == ("18", "Standard_B1ms")
    assert settings.allow_azure_services is True
    assert settings.allowed_ips == ()
    assert settings.tags == {"project": "vector-lake", "stack": "test"}


def test_settings_cannot_be_changed_by_the_program() -> None:
    with pytest.raises(AttributeError):
        load({}).location = "elsewhere"


def test_suffix_ends_every_globally_unique_name() -> None:
    plain, suffixed = load({}), load({"nameSuffix": "abcdefghij"})
    assert suffixed.pictures_account == f"{plain.pictures_account}abcdefghij"
    assert suffixed.lake_account == f"{plain.lake_account}abcdefghij"
    for name in ("postgres_server", "vault", "factory"):
        assert getattr(suffixed, name) == f"{getattr(plain, name)}-abcdefghij"


def test_other_values_than_the_defaults_are_used() -> None:
    values = {"databaseLocation": "koreacentral", "allowAzureServices": False, "allowedIps": ["203.0.113.7"]}
    settings = load(values)
    assert (settings.location, settings.database_location) == ("swedencentral", "koreacentral")
    assert settings.allow_azure_services is False
    assert settings.allowed_ips == ("203.0.113.7",)


@pytest.mark.parametrize(
    "size", ["B2s", "B2ms", "B20ms", "D2s_v3", "D64ds_v4", "D96ads_v5", "E20ds_v4", "E2ads_v5", "E96ds_v5"]
)
def test_every_family_of_sizes_is_accepted(size: str) -> None:
    assert load({"postgresSku": f"Standard_{size}"}).postgres_sku == f"Standard_{size}"


@pytest.mark.parametrize("range_", ["10.0.0.0/16", "172.31.255.0/24", "192.168.1.0/27"])
def test_every_private_range_is_accepted(range_: str) -> None:
    assert load({"networkRange": range_}).network_range == range_


def test_a_budget_starts_at_most_a_year_ahead() -> None:
    month = datetime.now(UTC).date().replace(day=1)
    latest = month.replace(year=month.year + 1).isoformat()
    assert load({"budgetStart": latest}).budget_start == latest
    late = (month + timedelta(days=430)).replace(day=1).isoformat()
    with pytest.raises(pulumi.RunError, match="at most a year ahead"):
        load({"budgetStart": late})


@pytest.mark.parametrize("copies", ["LRS", "ZRS", "GRS", "RAGRS", "GZRS", "RAGZRS"])
def test_every_sku_with_a_hierarchical_namespace_is_accepted(copies: str) -> None:
    assert load({"storageSku": f"Standard_{copies}"}).storage_sku == f"Standard_{copies}"


@pytest.mark.parametrize("key", ["databaseLocation", "storageLocation", "aiLocation", "location", "nameSuffix"])
def test_a_setting_that_replaces_services_says_that_the_data_is_lost(key: str) -> None:
    description = OFFERED[key]["description"]
    assert "Changing" in description
    assert "data is lost" in description or "deletes the data" in description


@pytest.mark.parametrize("name", ["mypublic", "nonesuch", "team_pg_", "azure_team", "roots"])
def test_a_login_that_only_contains_a_reserved_name_is_accepted(name: str) -> None:
    settings = load({"entraAdminName": name, "postgresUser": f"{name}_x"})
    assert (settings.entra_admin_name, settings.postgres_user) == (name, f"{name}_x")


def test_the_entra_administrator_may_be_a_group_with_a_space_in_its_name() -> None:
    assert load({"entraAdminName": "Data Team"}).entra_admin_name == "Data Team"


def test_pulumi_yaml_describes_every_setting_that_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    read, require = set[str](), pulumi.Config.require

    def record(config: pulumi.Config, key: str) -> str:
        read.add(key)
        return require(config, key)

    monkeypatch.setattr(pulumi.Config, "require", record)
    load({})
    assert read == OFFERED.keys()
    for key, spec in OFFERED.items():
        assert {"type", "description", "default"} <= spec.keys(), key


def test_the_dev_stack_sets_only_settings_of_pulumi_yaml() -> None:
    dev = yaml.safe_load((ROOT / "Pulumi.dev.yaml").read_text(encoding="utf-8"))["config"]
    assert {key.partition(":")[0] for key in dev} == {PROJECT["name"]}
    values = {key.partition(":")[2]: value for key, value in dev.items()}
    assert values.keys() <= OFFERED.keys()
    load(values)
