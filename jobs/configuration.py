"""The settings of a stack: Pulumi.STACK.yaml, with Pulumi.yaml's defaults for what it leaves out.

infra/settings.py checks the values when the Pulumi program runs; the jobs only read them, without Pulumi.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from jobs import PROJECT
from jobs.errors import ErrorKind, JobError


@dataclass(frozen=True, kw_only=True)
class Configuration:
    """The settings that the jobs need. Names include the suffix; tests compare them with those of infra/."""

    stack: str
    configured: bool  # whether the stack has a file of its own
    subscription_id: str  # azure-native's own setting, empty where the stack has none
    name_suffix: str
    location: str
    database_location: str
    storage_location: str
    ai_location: str
    resource_group: str
    pictures_account: str
    lake_account: str
    postgres_server: str
    vault: str
    factory: str
    foundry: str
    search_service: str
    storage_sku: str
    postgres_version: str
    postgres_sku: str
    entra_only: bool
    entra_admin_name: str
    allowed_ips: tuple[str, ...]
    models: tuple[Mapping[str, Any], ...]
    search: str
    diagnostics: bool
    private: bool
    budget: bool  # whether there is one: without an e-mail address there is none
    budget_amount: int

    @property
    def file(self) -> str:
        """The stack's file in the project's folder."""
        return stack_file(self.stack)

    @property
    def regions(self) -> tuple[str, ...]:
        """Every region that the stack is in, each once."""
        return tuple(dict.fromkeys((self.location, self.database_location, self.storage_location, self.ai_location)))

    @property
    def regions_by_setting(self) -> dict[str, str]:
        """The region of each setting; settings without a region of their own use `location` and are left out."""
        own = {
            "databaseLocation": self.database_location,
            "storageLocation": self.storage_location,
            "aiLocation": self.ai_location,
        }
        return {"location": self.location} | {key: each for key, each in own.items() if each != self.location}


def read_configuration(stack: str) -> Configuration:
    """The configuration of a stack; all defaults where it has no file.

    Raises JobError when a file is not valid YAML, or a value has not the type of its setting.
    """
    project = read_yaml("Pulumi.yaml")
    file = PROJECT / stack_file(stack)
    given = read_yaml(file.name).get("config") or {} if file.is_file() else {}
    if not isinstance(given, dict):
        raise JobError(
            f"{file.name} holds no settings below `config:`: fix it, docs/settings.md has every setting.",
            ErrorKind.invalid,
        )
    defaults = {name: each.get("default") for name, each in project["config"].items()}
    values = defaults | project_values(given, f"{project['name']}:")
    values["subscriptionId"] = given.get("azure-native:subscriptionId")
    try:
        return build_configuration(stack, file.is_file(), values)
    except ValueError as error:
        raise JobError(
            f"{file.name} has a wrong value ({error}): fix it, docs/settings.md has every setting.", ErrorKind.invalid
        ) from error


def stack_file(stack: str) -> str:
    """The file of a stack: of `organization/project/stack`, a fully qualified name, it has only the last part."""
    return f"Pulumi.{stack.rpartition('/')[2]}.yaml"


def read_yaml(name: str) -> dict[str, Any]:
    try:
        settings = yaml.safe_load((PROJECT / name).read_text(encoding="utf-8")) or {}
    except (OSError, yaml.YAMLError) as error:
        raise JobError(
            f"{name} cannot be read ({str(error).splitlines()[0]}): fix it, or restore it from git.", ErrorKind.invalid
        ) from error
    if not isinstance(settings, dict):
        raise JobError(f"{name} holds no settings: fix it, or restore it from git.", ErrorKind.invalid)
    return settings


def project_values(given: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    """The values of this project's keys. A list may be YAML, or the JSON text that `pulumi config set` writes."""
    values: dict[str, Any] = {}
    for key, value in given.items():
        if key.startswith(prefix):
            values[key.removeprefix(prefix)] = parse_value(value)
    return values


def parse_value(value: Any) -> Any:
    if isinstance(value, str) and value.lstrip()[:1] in ("[", "{"):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def build_configuration(stack: str, configured: bool, values: Mapping[str, Any]) -> Configuration:
    location = str(values["location"])
    suffix = str(values["nameSuffix"] or "")

    def with_suffix(key: str, separator: str = "-") -> str:
        return f"{values[key]}{separator}{suffix}" if suffix else str(values[key])

    return Configuration(
        stack=stack,
        configured=configured,
        subscription_id=str(values.get("subscriptionId") or ""),
        name_suffix=suffix,
        location=location,
        database_location=str(values["databaseLocation"] or location),
        storage_location=str(values["storageLocation"] or location),
        ai_location=str(values["aiLocation"] or location),
        resource_group=str(values["resourceGroup"]),
        pictures_account=with_suffix("picturesAccount", separator=""),
        lake_account=with_suffix("lakeAccount", separator=""),
        postgres_server=with_suffix("postgresServer"),
        vault=with_suffix("vault"),
        factory=with_suffix("factory"),
        foundry=with_suffix("foundryAccount"),
        search_service=with_suffix("searchService"),
        storage_sku=str(values["storageSku"]),
        postgres_version=str(values["postgresVersion"]),
        postgres_sku=str(values["postgresSku"]),
        entra_only=parse_boolean(values["entraOnly"]),
        entra_admin_name=str(values["entraAdminName"]),
        allowed_ips=tuple(map(str, as_list(values["allowedIps"]))),
        models=tuple(each for each in as_list(values["models"]) if isinstance(each, dict)),
        search=str(values["search"]),
        diagnostics=parse_boolean(values["diagnostics"]),
        private=parse_boolean(values["private"]),
        budget=bool(as_list(values["budgetEmails"])),
        budget_amount=int(values["budgetAmount"]),
    )


def parse_boolean(value: Any) -> bool:
    """A boolean may be YAML, or the text that `pulumi config set` writes."""
    return str(value).lower() == "true"


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
