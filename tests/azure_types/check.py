"""Check the resources of the program against Azure's own resource types."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from tests.azure_types.body import arm_body, body_type
from tests.azure_types.types import READ_ONLY, REQUIRED, Type, Types

ADDED_BY_PROVIDER = ("name", "apiVersion", "type", "id")


def violations(token: str, name: str, inputs: Mapping[str, Any]) -> list[str]:
    """Return what Azure's type of a resource does not allow, one line each."""
    types, kind = body_type(token)
    return list(check(types, kind, arm_body(token, inputs), f"{token} {name}"))


def check(types: Types, kind: Type, value: Any, path: str) -> Iterator[str]:
    """Yield what a type does not allow in a value. None is a value that is known only after deployment."""
    if value is not None:
        yield from CHECKS[kind["$type"]](types, kind, value, path)


def check_any(types: Types, kind: Type, value: Any, path: str) -> Iterator[str]:
    yield from ()


def check_boolean(types: Types, kind: Type, value: Any, path: str) -> Iterator[str]:
    if not isinstance(value, bool):
        yield f"{path}: {value!r} is not a boolean"


def check_integer(types: Types, kind: Type, value: Any, path: str) -> Iterator[str]:
    if not isinstance(value, int | float) or isinstance(value, bool) or value != int(value):
        yield f"{path}: {value!r} is not an integer"


def check_string(types: Types, kind: Type, value: Any, path: str) -> Iterator[str]:
    if not isinstance(value, str):
        yield f"{path}: {value!r} is not a string"
    elif not kind.get("minLength", 0) <= len(value) <= kind.get("maxLength", len(value)):
        yield f"{path}: {value!r} has {len(value)} characters"


def check_literal(types: Types, kind: Type, value: Any, path: str) -> Iterator[str]:
    if value != kind["value"]:
        yield f"{path}: {value!r} is not {kind['value']!r}"


def check_union(types: Types, kind: Type, value: Any, path: str) -> Iterator[str]:
    choices = [types.follow(each) for each in kind["elements"]]
    literals = [each["value"] for each in choices if each["$type"] == "StringLiteralType"]
    if not literals:
        yield from min((list(check(types, each, value, path)) for each in choices), key=len)
    elif value not in literals:  # stricter than Azure, where an enumeration may be open
        yield f"{path}: {value!r} is not one of {literals}"


def check_array(types: Types, kind: Type, value: Any, path: str) -> Iterator[str]:
    if not isinstance(value, list):
        yield f"{path}: {value!r} is not an array"
        return
    for index, each in enumerate(value):
        yield from check(types, types.follow(kind["itemType"]), each, f"{path}[{index}]")


def check_object(types: Types, kind: Type, value: Any, path: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{path}: {value!r} is not an object"
        return
    discriminator = kind.get("discriminator")
    if discriminator and value.get(discriminator) not in kind["elements"]:
        yield f"{path}.{discriminator}: {value.get(discriminator)!r} is not a {kind['name']}"
        return
    allowed = types.properties(kind, value)
    for key, child in value.items():
        yield from check_property(types, allowed.get(key), kind, child, f"{path}.{key}")
    for key, spec in allowed.items():
        if spec.get("flags", 0) & REQUIRED and key not in value and key not in ADDED_BY_PROVIDER:
            yield f"{path}.{key}: required, but missing"


def check_property(types: Types, spec: Type | None, kind: Type, value: Any, path: str) -> Iterator[str]:
    if spec is None and "additionalProperties" not in kind:
        yield f"{path}: no such property"
    elif spec is None:
        yield from check(types, types.follow(kind["additionalProperties"]), value, path)
    elif spec.get("flags", 0) & READ_ONLY:
        yield f"{path}: read-only"
    else:
        yield from check(types, types.follow(spec["type"]), value, path)


CHECKS: dict[str, Callable[[Types, Type, Any, str], Iterator[str]]] = {
    "AnyType": check_any,
    "ArrayType": check_array,
    "BooleanType": check_boolean,
    "DiscriminatedObjectType": check_object,
    "IntegerType": check_integer,
    "ObjectType": check_object,
    "StringLiteralType": check_literal,
    "StringType": check_string,
    "UnionType": check_union,
}
