"""The setting `models`: which models are deployed, under which names, with how much of the quota."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from reading import Reading

LIVING = "gpt-5.4-mini of 2026-03-17, gpt-5.6-luna of 2026-07-09 or text-embedding-3-small of version 1"
# What Azure deploys no more, after Microsoft's retirement schedule of July 2026. The original system had o3-mini.
RETIRED = re.compile(
    r"gpt-35-turbo.*|gpt-3\.5-turbo.*|gpt-4|gpt-4-.*|gpt-4o|gpt-4o-mini|gpt-4\.1|gpt-4\.1-(mini|nano)|gpt-4\.5-.*"
    r"|o1|o1-.*|o3|o3-mini|o4-mini|phi-3.*|text-embedding-ada-002|tts|tts-hd|whisper",
    re.IGNORECASE,
)
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
NEEDED = {"alias", "model", "version", "sku", "capacity"}
OFFERED = {"upgradePolicy": PINNED, "contentFilter": "Microsoft.DefaultV2", "format": "OpenAI"}


@dataclass(frozen=True, kw_only=True)
class Model:
    """One deployment: `alias` is its name, `capacity` is in thousands of tokens a minute."""

    alias: str
    name: str
    version: str
    format: str
    sku: str
    capacity: int
    upgrade_policy: str
    content_filter: str


def read(reading: Reading, key: str) -> tuple[Model, ...]:
    """The models of a setting, none at all included. Raises SettingError, which names the entry and its part."""
    try:
        models = tuple(model(entry, f"{key}[{at}]") for at, entry in enumerate(reading.entries(key, "a list")))
    except ValueError as error:
        raise reading.wrong(key, str(error)) from error
    aliases = [each.alias.lower() for each in models]
    if len(set(aliases)) < len(aliases):
        raise reading.wrong(key, "allowed are different aliases, capitals counting as small letters")
    return models


def model(entry: Any, place: str) -> Model:
    """One entry of the list. Raises ValueError."""
    allowed = f"{', '.join(sorted(NEEDED))}, and if need be {', '.join(OFFERED)}"
    if not isinstance(entry, dict) or not entry.keys() <= NEEDED | OFFERED.keys():
        raise ValueError(f"{place} is {entry!r}, allowed are an object's keys {allowed}")
    if missing := sorted(NEEDED - entry.keys()):
        raise ValueError(f"{place} has no {', '.join(missing)}: it has to have {allowed}")
    given = OFFERED | entry
    return Model(
        alias=matching(given, "alias", r"[A-Za-z0-9][\w.-]{1,63}", place),
        name=living(given, place),
        version=matching(given, "version", r"[\w.-]+", place),
        format=matching(given, "format", r"[\w. -]+", place),
        sku=one_of(given, "sku", SKUS, place),
        capacity=capacity(given, place),
        upgrade_policy=one_of(given, "upgradePolicy", POLICIES, place),
        content_filter=matching(given, "contentFilter", r"[\w.-]+", place),
    )


def living(given: Mapping[str, Any], place: str) -> str:
    """A model's name, if it is none of the retired ones: their deployment would fail after minutes."""
    name = matching(given, "model", r"[\w.-]+", place)
    if RETIRED.fullmatch(name):
        raise ValueError(f"{place}.model is {name!r}, which is retired; allowed are living models such as {LIVING}")
    return name


def matching(given: Mapping[str, Any], key: str, pattern: str, place: str) -> str:
    value = given[key]
    if not isinstance(value, str) or not re.fullmatch(pattern, value, re.ASCII):
        # YAML takes a bare 2026-03-17 for a date, and a bare 1 for a number.
        raise ValueError(f"{place}.{key} is {value!r}, allowed is a text like {pattern}, in quotation marks in YAML")
    return value


def one_of(given: Mapping[str, Any], key: str, allowed: Collection[str], place: str) -> str:
    value = given[key]
    if value not in allowed:
        raise ValueError(f"{place}.{key} is {value!r}, allowed is one of {', '.join(allowed)}")
    return str(value)


def capacity(given: Mapping[str, Any], place: str) -> int:
    value = given["capacity"]
    if type(value) is not int or not 1 <= value <= 100_000:  # True is an int too
        raise ValueError(f"{place}.capacity is {value!r}, allowed is a whole number from 1 to 100000")
    return value
