"""What a stack is configured to be, before or after `pulumi up`: Pulumi.yaml's defaults under Pulumi.STACK.yaml.

infra/settings.py checks the values when the program runs; here they are only read, without Pulumi.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from jobs import PROJECT
from jobs.failure import Failure


@dataclass(frozen=True, kw_only=True)
class Configuration:
    """The settings that the jobs need; names are whole, their suffix included (tests hold them to infra's)."""

    stack: str
    configured: bool  # whether the stack has a file of its own
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
    postgres_version: str
    postgres_sku: str
    allowed_ips: tuple[str, ...]
    models: tuple[Mapping[str, Any], ...]
    search: str
    diagnostics: bool
    private: bool
    budget_amount: int

    @property
    def regions(self) -> tuple[str, ...]:
        """Every region that the stack is in, each once."""
        return tuple(dict.fromkeys((self.location, self.database_location, self.storage_location, self.ai_location)))


def read(stack: str) -> Configuration:
    """The configuration of a stack; all defaults where it has no file.

    Raises Failure when a file cannot be read as YAML.
    """
    project = document("Pulumi.yaml")
    own = PROJECT / f"Pulumi.{stack}.yaml"
    given = document(own.name).get("config") or {} if own.is_file() else {}
    defaults = {name: each.get("default") for name, each in project["config"].items()}
    return configuration(stack, own.is_file(), defaults | own_values(given, f"{project['name']}:"))


def document(name: str) -> dict[str, Any]:
    try:
        found = yaml.safe_load((PROJECT / name).read_text(encoding="utf-8")) or {}
    except (OSError, yaml.YAMLError) as error:
        raise Failure(
            f"{name} cannot be read ({str(error).splitlines()[0]}): mend it, or take it back from git."
        ) from error
    if not isinstance(found, dict):
        raise Failure(f"{name} holds no settings: mend it, or take it back from git.")
    return found


def own_values(given: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    """The values of this project's keys. Lists may stand as YAML, or as the JSON text that `config set` writes."""
    values: dict[str, Any] = {}
    for key, value in given.items():
        if key.startswith(prefix):
            values[key.removeprefix(prefix)] = structured(value)
    return values


def structured(value: Any) -> Any:
    if isinstance(value, str) and value.lstrip()[:1] in ("[", "{"):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def configuration(stack: str, configured: bool, values: Mapping[str, Any]) -> Configuration:
    location = str(values["location"])
    suffix = str(values["nameSuffix"] or "")

    def named(key: str, joint: str = "-") -> str:
        return f"{values[key]}{joint}{suffix}" if suffix else str(values[key])

    return Configuration(
        stack=stack,
        configured=configured,
        location=location,
        database_location=str(values["databaseLocation"] or location),
        storage_location=str(values["storageLocation"] or location),
        ai_location=str(values["aiLocation"] or location),
        resource_group=str(values["resourceGroup"]),
        pictures_account=named("picturesAccount", joint=""),
        lake_account=named("lakeAccount", joint=""),
        postgres_server=named("postgresServer"),
        vault=named("vault"),
        factory=named("factory"),
        foundry=named("foundryAccount"),
        search_service=named("searchService"),
        postgres_version=str(values["postgresVersion"]),
        postgres_sku=str(values["postgresSku"]),
        allowed_ips=tuple(map(str, entries(values["allowedIps"]))),
        models=tuple(each for each in entries(values["models"]) if isinstance(each, dict)),
        search=str(values["search"]),
        diagnostics=str(values["diagnostics"]).lower() == "true",
        private=str(values["private"]).lower() == "true",
        budget_amount=int(values["budgetAmount"]),
    )


def entries(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
