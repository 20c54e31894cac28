"""The setting `models`: the deployed models, their names and their share of the quota.

Whether a model is offered or retired is not known here: `python -m jobs models preflight` asks Azure.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from config_reader import ConfigReader

SKUS = (
    "GlobalStandard",
    "DataZoneStandard",
    "Standard",
    "GlobalBatch",
    "DataZoneBatch",
    "GlobalProvisionedManaged",
    "DataZoneProvisionedManaged",
    "ProvisionedManaged",
)
PINNED = "NoAutoUpgrade"
POLICIES = (PINNED, "OnceCurrentVersionExpired", "OnceNewDefaultVersionAvailable")
REQUIRED = {"alias", "model", "version", "sku", "capacity"}
DEFAULTS = {"upgradePolicy": PINNED, "contentFilter": "Microsoft.DefaultV2", "format": "OpenAI"}


@dataclass(frozen=True, kw_only=True)
class Model:
    """One deployment. `alias` is its name, `capacity` is in the SKU's unit, thousands of tokens per minute or PTU."""

    alias: str
    name: str
    version: str
    format: str
    sku: str
    capacity: int
    upgrade_policy: str
    content_filter: str


def read_models(reader: ConfigReader, key: str) -> tuple[Model, ...]:
    """Return the models of a setting, which may be empty. Raises SettingError with the entry and its key."""
    try:
        entries = reader.entries(key, "a list")
        models = tuple(parse_model(entry, f"{key}[{index}]") for index, entry in enumerate(entries))
    except ValueError as error:
        raise reader.setting_error(key, str(error)) from error
    aliases = [each.alias.lower() for each in models]
    if len(set(aliases)) < len(aliases):
        raise reader.setting_error(key, "it must have different aliases, upper and lower case being the same")
    return models


def parse_model(entry: Any, path: str) -> Model:
    """Return one entry of the list as a model. `path` names the entry. Raises ValueError."""
    allowed = f"{', '.join(sorted(REQUIRED))} and optionally {', '.join(DEFAULTS)}"
    if not isinstance(entry, dict) or not entry.keys() <= REQUIRED | DEFAULTS.keys():
        raise ValueError(f"{path} is {entry!r}: it must be an object with {allowed}")
    if missing := sorted(REQUIRED - entry.keys()):
        raise ValueError(f"{path} has no {', '.join(missing)}: it must have {allowed}")
    values = DEFAULTS | entry
    return Model(
        alias=parse_text(values, "alias", r"[A-Za-z0-9][\w.-]{1,63}", path),
        name=parse_text(values, "model", r"[\w.-]+", path),
        version=parse_text(values, "version", r"[\w.-]+", path),
        format=parse_text(values, "format", r"[\w. -]+", path),
        sku=parse_choice(values, "sku", SKUS, path),
        capacity=parse_capacity(values, path),
        upgrade_policy=parse_choice(values, "upgradePolicy", POLICIES, path),
        content_filter=parse_text(values, "contentFilter", r"[\w.-]+", path),
    )


def parse_text(values: Mapping[str, Any], key: str, pattern: str, path: str) -> str:
    """Return the text at a key. Raises ValueError where it does not match the pattern."""
    value = values[key]
    if not isinstance(value, str) or not re.fullmatch(pattern, value, re.ASCII):
        # YAML reads an unquoted 2026-03-17 as a date, and an unquoted 1 as a number.
        raise ValueError(f"{path}.{key} is {value!r}: it must be a text like {pattern}, in quotation marks in YAML")
    return value


def parse_choice(values: Mapping[str, Any], key: str, allowed: Collection[str], path: str) -> str:
    """Return the text at a key. Raises ValueError where it is not one of those allowed."""
    value = values[key]
    if value not in allowed:
        raise ValueError(f"{path}.{key} is {value!r}: it must be one of {', '.join(allowed)}")
    return str(value)


def parse_capacity(values: Mapping[str, Any], path: str) -> int:
    """Return the capacity, in thousands of tokens per minute. Raises ValueError."""
    value = values["capacity"]
    if type(value) is not int or not 1 <= value <= 100_000:  # True is an int too
        raise ValueError(f"{path}.capacity is {value!r}: it must be a whole number from 1 to 100000")
    return value
