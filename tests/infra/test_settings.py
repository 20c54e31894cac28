"""Settings: what Pulumi.yaml offers is what is read, and a wrong value is told by key, value and what is allowed."""

import importlib
import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pulumi
import pytest
import yaml

ROOT = Path(__file__).parents[2]
INFRA = ROOT / "infra"
SIBLINGS = {path.stem for path in INFRA.glob("*.py")} - {"__main__"}
PROJECT = yaml.safe_load((ROOT / "Pulumi.yaml").read_text(encoding="utf-8"))
OFFERED = PROJECT["config"]
ANYWHERE = "0.0.0.0"  # noqa: S104 - a setting that has to be refused, bound nowhere


@contextmanager
def infra_modules() -> Iterator[pytest.MonkeyPatch]:
    """The folder and the siblings as the host gives them to the program; they are forgotten afterwards."""
    with pytest.MonkeyPatch.context() as patch:
        for name in SIBLINGS:
            patch.delitem(sys.modules, name, raising=False)
        patch.syspath_prepend(str(INFRA))
        patch.chdir(INFRA)
        try:
            yield patch
        finally:
            for name in SIBLINGS:
                sys.modules.pop(name, None)


@contextmanager
def configured(settings: Mapping[str, Any]) -> Iterator[None]:
    """The configuration that the engine would hand over: these settings over Pulumi.yaml's defaults."""
    values = {key: spec["default"] for key, spec in OFFERED.items()} | dict(settings)
    text = {key: value if isinstance(value, str) else json.dumps(value) for key, value in values.items()}
    pulumi.runtime.set_all_config({f"{PROJECT['name']}:{key}": value for key, value in text.items()}, [])
    try:
        yield
    finally:
        pulumi.runtime.set_all_config({}, [])


def load(settings: Mapping[str, Any]) -> Any:
    """infra's Settings for these values."""
    with infra_modules() as patch, configured(settings):
        patch.setattr(pulumi, "get_project", lambda: PROJECT["name"])
        patch.setattr(pulumi, "get_stack", lambda: "test")
        # pulumi.Config asks for the project by itself, and Pulumi is not running here.
        patch.setattr("pulumi.config.get_project", lambda: PROJECT["name"])
        return importlib.import_module("settings").load()


def test_defaults_are_a_whole_stack() -> None:
    settings = load({})
    assert settings.database_location == settings.location == "swedencentral"
    assert (settings.postgres_version, settings.postgres_sku) == ("18", "Standard_B1ms")
    assert settings.allow_azure_services is True
    assert settings.allowed_ips == ()
    assert settings.tags == {"project": "vector-lake", "stack": "test"}


def test_settings_cannot_be_changed_by_the_program() -> None:
    with pytest.raises(AttributeError):
        load({}).location = "elsewhere"


def test_suffix_ends_every_name_that_azure_holds_in_common() -> None:
    plain, suffixed = load({}), load({"nameSuffix": "abcdefghij"})
    assert suffixed.pictures_account == f"{plain.pictures_account}abcdefghij"
    assert suffixed.lake_account == f"{plain.lake_account}abcdefghij"
    for name in ("postgres_server", "vault", "factory"):
        assert getattr(suffixed, name) == f"{getattr(plain, name)}-abcdefghij"


def test_values_other_than_the_defaults_arrive() -> None:
    given = {"databaseLocation": "koreacentral", "allowAzureServices": False, "allowedIps": ["203.0.113.7"]}
    settings = load(given)
    assert (settings.location, settings.database_location) == ("swedencentral", "koreacentral")
    assert settings.allow_azure_services is False
    assert settings.allowed_ips == ("203.0.113.7",)


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
        ("postgresUser", "admin", "azure_pg_admin"),
        ("postgresUser", "pg_me", "pg_"),
        ("postgresUser", "fer2013", "lower-case letters"),
        ("allowAzureServices", "yes", "true, false"),
        ("allowedIps", "203.0.113.7", "list of IPv4"),
        ("allowedIps", '["203.0.113.0/24"]', "list of IPv4"),
        ("allowedIps", "[7]", "list of IPv4"),
        ("allowedIps", '"203.0.113.7"', "list of IPv4"),
        ("allowedIps", "7", "list of IPv4"),
        ("allowedIps", json.dumps([ANYWHERE]), "allowAzureServices"),
        ("allowedIps", '["203.0.113.7", "203.0.113.7"]', "different"),
    ],
)
def test_a_wrong_value_is_told_by_key_value_and_what_is_allowed(key: str, value: str, allowed: str) -> None:
    with pytest.raises(pulumi.RunError) as told:
        load({key: value})
    said = str(told.value)
    assert said.startswith(f"vector-lake:{key} is {value!r}: ")
    assert allowed in said


def test_a_name_that_only_the_suffix_makes_too_long_names_the_suffix() -> None:
    with pytest.raises(pulumi.RunError, match=r"vector-lake:picturesAccount is .* nameSuffix 'abcdef'.*3 to 24"):
        load({"picturesAccount": "x" * 19, "nameSuffix": "abcdef"})


def test_pulumi_yaml_offers_what_is_read_and_explains_it(monkeypatch: pytest.MonkeyPatch) -> None:
    read, require = set[str](), pulumi.Config.require

    def noted(config: pulumi.Config, key: str) -> str:
        read.add(key)
        return require(config, key)

    monkeypatch.setattr(pulumi.Config, "require", noted)
    load({})
    assert read == OFFERED.keys()
    for key, spec in OFFERED.items():
        assert {"type", "description", "default"} <= spec.keys(), key


def test_dev_sets_only_what_is_offered() -> None:
    dev = yaml.safe_load((ROOT / "Pulumi.dev.yaml").read_text(encoding="utf-8"))["config"]
    assert {key.partition(":")[0] for key in dev} == {PROJECT["name"]}
    values = {key.partition(":")[2]: value for key, value in dev.items()}
    assert values.keys() <= OFFERED.keys()
    load(values)
