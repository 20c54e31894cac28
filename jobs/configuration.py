"""The settings of a stack: Pulumi.STACK.yaml, with Pulumi.yaml's defaults for what it leaves out.

infra/settings.py checks the values when the Pulumi program runs; the jobs only read them, without Pulumi.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jobs import PROJECT
from jobs.configuration_values import as_list, check_types, parse_boolean, parse_value
from jobs.errors import ErrorKind, JobError
from jobs.foreign_files import MAX_YAML_BYTES, UnusableFileError, parse_yaml, read_regular_file


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
    allow_azure_services: bool
    allowed_ips: tuple[str, ...]
    models: tuple[Mapping[str, Any], ...]
    search: str
    diagnostics: bool
    private: bool
    machine_learning: bool
    ml_location: str
    ml_workspace: str
    ml_account: str
    ml_registry: str
    ml_compute_size: str
    ml_priority: str
    budget: bool  # whether there is one: without an e-mail address there is none
    budget_amount: int

    @property
    def file(self) -> str:
        """The stack's file in the project's folder."""
        return stack_file(self.stack)

    @property
    def regions(self) -> tuple[str, ...]:
        """Every region that the stack is in, each once."""
        return tuple(dict.fromkeys(self.regions_by_setting.values()))

    @property
    def regions_by_setting(self) -> dict[str, str]:
        """The region of each setting; settings without a region of their own use `location` and are left out."""
        own = {
            "databaseLocation": self.database_location,
            "storageLocation": self.storage_location,
            "aiLocation": self.ai_location,
            "mlLocation": self.ml_location if self.machine_learning else self.location,
        }
        return {"location": self.location} | {key: each for key, each in own.items() if each != self.location}


def read_configuration(stack: str) -> Configuration:
    """The configuration of a stack; all defaults where it has no file.

    Raises JobError when a file is not valid YAML, or a value has not the type of its setting.
    """
    project = read_yaml("Pulumi.yaml")
    file = stack_path(stack)
    given = read_yaml(file.name).get("config") or {} if file.exists() else {}
    if not isinstance(given, dict):
        raise JobError(
            f"{file.name} holds no settings below `config:`: fix it, docs/settings.md has every setting.",
            ErrorKind.invalid,
        )
    defaults = {name: each.get("default") for name, each in project["config"].items()}
    values = defaults | project_values(given, f"{project['name']}:")
    values["subscriptionId"] = given.get("azure-native:subscriptionId")
    types = {name: each["type"] for name, each in project["config"].items()}
    try:
        check_types(values, types)
        return build_configuration(stack, file.is_file(), values)
    except (ValueError, OverflowError) as error:
        raise JobError(
            f"{file.name} has a wrong value ({error}): fix it, docs/settings.md has every setting.", ErrorKind.invalid
        ) from error


def stack_file(stack: str) -> str:
    """The file of a stack: of `organization/project/stack`, a fully qualified name, it has only the last part."""
    return f"Pulumi.{stack.rpartition('/')[2]}.yaml"


def stack_path(stack: str) -> Path:
    """The path of a stack's file."""
    return PROJECT / stack_file(stack)


def read_yaml(name: str) -> dict[str, Any]:
    try:
        settings = parse_yaml(read_regular_file(PROJECT / name, MAX_YAML_BYTES)) or {}
    except (OSError, UnusableFileError) as error:
        raise JobError(
            f"{name} cannot be read ({error}): fix it, or restore it from git.", ErrorKind.invalid
        ) from error
    if not isinstance(settings, dict):
        raise JobError(f"{name} holds no settings: fix it, or restore it from git.", ErrorKind.invalid)
    return settings


def project_values(given: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    """The values of this project's keys. A list may be YAML, or the JSON text that `pulumi config set` writes."""
    values: dict[str, Any] = {}
    for key, value in given.items():
        if isinstance(key, str) and key.startswith(prefix) and value is not None:
            values[key.removeprefix(prefix)] = parse_value(value)
    return values


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
        allow_azure_services=parse_boolean(values["allowAzureServices"]),
        allowed_ips=tuple(map(str, as_list(values["allowedIps"]))),
        models=tuple(each for each in as_list(values["models"]) if isinstance(each, dict)),
        search=str(values["search"]),
        diagnostics=parse_boolean(values["diagnostics"]),
        private=parse_boolean(values["private"]),
        machine_learning=parse_boolean(values["machineLearning"]),
        ml_location=str(values["mlLocation"] or values["aiLocation"] or location),
        ml_workspace=with_suffix("mlWorkspace"),
        ml_account=with_suffix("mlAccount", separator=""),
        ml_registry=with_suffix("mlRegistry", separator=""),
        ml_compute_size=str(values["mlComputeSize"]),
        ml_priority=str(values["mlPriority"]),
        budget=bool(as_list(values["budgetEmails"])),
        budget_amount=int(values["budgetAmount"]),
    )
