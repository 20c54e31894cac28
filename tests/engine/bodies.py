"""SDK inputs to the body of a request, and the body of an answer to SDK outputs, as azure-native does both.

https://github.com/pulumi/pulumi-azure-native (provider/pkg/convert): it moves the content of `properties` and
`typeProperties` up in inputs and outputs, and drops keys that it does not know without a word.
"""

import importlib
import typing
from collections.abc import Mapping
from functools import cache
from threading import Lock
from typing import Any

from pulumi import _types as sdk

from tests.azure_types.body import RESPELT, arm_body, body_type, plain
from tests.azure_types.resources import VERSIONS
from tests.azure_types.types import Type, Types
from tests.engine.addresses import path_inputs

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"  # the engine's mark for what is not known during a preview
NOT_SENT = {"azureApiVersion", "__createBeforeDelete"}
IMPORTING = Lock()
FLATTENED = ("properties", "typeProperties")


def request_body(token: str, inputs: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The body that Azure receives, and the paths of the keys that the provider dropped."""
    dropped: list[str] = []
    given = {key: value for key, value in inputs.items() if key not in NOT_SENT}
    if token.startswith("datafactory:"):
        given = without_type_properties(given, "", dropped)
    if token not in VERSIONS:
        outside = {*path_inputs(token), "resourceGroupName"}
        return {key: value for key, value in given.items() if key not in outside}, dropped
    types, kind = body_type(token)
    return known_part(types, kind, arm_body(token, given), "", dropped), dropped


def without_type_properties(value: Any, path: str, dropped: list[str]) -> Any:
    """Data Factory's SDK types have no `typeProperties`: a document in Azure's own form loses that whole part."""
    if isinstance(value, list):
        return [without_type_properties(each, f"{path}[{index}]", dropped) for index, each in enumerate(value)]
    if not isinstance(value, dict):
        return value
    dropped += [f"{path}.typeProperties"] * ("typeProperties" in value)
    kept = {key: each for key, each in value.items() if key != "typeProperties"}
    return {key: without_type_properties(each, f"{path}.{key}", dropped) for key, each in kept.items()}


def known_part(types: Types, kind: Type, value: Any, path: str, dropped: list[str]) -> Any:
    """What of a value Azure's types know. A variant that they do not have is sent as it is."""
    if kind["$type"] == "ArrayType" and isinstance(value, list):
        item = types.follow(kind["itemType"])
        return [known_part(types, item, each, f"{path}[{index}]", dropped) for index, each in enumerate(value)]
    if kind["$type"] not in ("ObjectType", "DiscriminatedObjectType") or not isinstance(value, dict):
        return value
    allowed = types.properties(kind, value)
    if not allowed or ("discriminator" in kind and value.get(kind["discriminator"]) not in kind["elements"]):
        return value
    dropped += [f"{path}.{key}" for key in value if key not in allowed]
    return {
        key: known_part(types, types.follow(allowed[key]["type"]), each, f"{path}.{key}", dropped)
        for key, each in value.items()
        if key in allowed
    }


@cache
def output_types(token: str) -> dict[str, Any]:
    """The outputs of a resource's class, by their names, with their types."""
    module, name = token.split(":")
    with IMPORTING:  # another thread must not see a module that is imported in part
        cls = getattr(importlib.import_module(f"pulumi_azure_native.{module}"), name)
    return {key: kind for key, kind in sdk.resource_types(cls).items() if key not in ("id", "urn")}


def outputs(token: str, answer: Mapping[str, Any], version: str) -> dict[str, Any]:
    """The SDK's outputs of an answer of Azure."""
    names = output_types(token)
    flat = flattened(answer, names)
    if token in RESPELT:
        spelt = {plain(name): name for name in names}
        flat = {spelt.get(plain(key), key): value for key, value in flat.items()}
    known = {key: up(value, names[key]) for key, value in flat.items() if key in names and value is not None}
    return {**known, "azureApiVersion": version}


def flattened(value: Mapping[str, Any], names: Mapping[str, Any]) -> dict[str, Any]:
    """An object with the content of each nest that its class does not have moved up."""
    flat = dict(value)
    for nest in FLATTENED:
        if nest not in names and isinstance(flat.get(nest), dict):
            inner = flat.pop(nest)
            flat = {**flattened(inner, names), **flat} if nest == "properties" else {**flat, **inner}
    return flat


def up(value: Any, kind: Any) -> Any:
    """A nested value in the form that its class has."""
    if isinstance(value, list):
        items = [each for each in typing.get_args(kind)] or [Any]
        return [up(each, items[0]) for each in value]
    if not isinstance(value, dict):
        return value
    cls = next((each for each in (kind, *typing.get_args(kind)) if sdk.is_output_type(each)), None)
    if cls is None:  # a map, or one of several classes: those of Data Factory, whose typeProperties are moved up
        inner = flattened(value, {"properties": Any})
        return {key: up(each, Any) for key, each in inner.items()}
    hints = sdk.output_type_types(cls)
    flat = flattened(value, hints)
    return {key: up(each, hints[key]) for key, each in flat.items() if key in hints}


def preview_outputs(token: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Inputs that are known pass through. Every other property, nested ones too, is unknown until the create."""
    return {name: unknown_below(inputs.get(name, UNKNOWN), kind) for name, kind in output_types(token).items()}


def unknown_below(value: Any, kind: Any) -> Any:
    cls = next((each for each in (kind, *typing.get_args(kind)) if sdk.is_output_type(each)), None)
    if cls is None or not isinstance(value, dict):
        return value
    return {key: unknown_below(value.get(key, UNKNOWN), each) for key, each in sdk.output_type_types(cls).items()}
