"""Load Azure's resource types: a list of type objects per provider and API version, which refer to each other."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

DATA = Path(__file__).parent / "data"
REQUIRED, READ_ONLY = 1, 2  # bits of a property's `flags`

Type: TypeAlias = Mapping[str, Any]


class Types:
    """The types of one provider at one API version. `resources` are their bodies, by lower-case resource type."""

    def __init__(self, path: Path) -> None:
        content = json.loads(path.read_text(encoding="utf-8"))
        self._types: dict[str, Type] = content["types"]
        self.resources = {name.lower(): self._types[str(index)] for name, index in content["resources"].items()}

    def follow(self, reference: Mapping[str, str]) -> Type:
        """Return the type that {"$ref": "#/7"} refers to."""
        return self._types[reference["$ref"].rpartition("/")[2]]

    def properties(self, kind: Type, value: object) -> dict[str, Any]:
        """Return the properties that an object type allows, including those of the variant that `value` selects."""
        if kind["$type"] == "ObjectType":
            return dict(kind.get("properties", {}))
        if kind["$type"] != "DiscriminatedObjectType":
            return {}
        variant = kind["elements"].get(value.get(kind["discriminator"])) if isinstance(value, dict) else None
        own = self.follow(variant).get("properties", {}) if variant else {}
        return {**kind.get("baseProperties", {}), **own}

    def all_names(self, kind: Type) -> set[str]:
        """Return every property name of an object type, of all its variants and their `typeProperties`."""
        if kind["$type"] == "DiscriminatedObjectType":
            variants = [self.all_names(self.follow(each)) for each in kind["elements"].values()]
            return {*kind.get("baseProperties", {})}.union(*variants)
        if kind["$type"] != "ObjectType":
            return set()
        properties = kind.get("properties", {})
        nested = properties.get("typeProperties")
        return {*properties} | (self.all_names(self.follow(nested["type"])) if nested else set())


@cache
def load_types(version: str) -> Types:
    """Return the types of a resource type such as Microsoft.Search/searchServices@2025-05-01."""
    kind, _, api_version = version.partition("@")
    return Types(DATA / f"{kind.partition('/')[0].lower()}@{api_version}.json")
