"""Turn the inputs of an azure-native resource into the body that Azure Resource Manager receives.

azure-native moves the content of `properties` and `typeProperties` one level up, and adds the resource's address.
"""

from collections.abc import Mapping
from typing import Any

from tests.azure_types.resources import VERSIONS
from tests.azure_types.types import Type, Types, load_types

# Inputs that belong to the resource's address, although the body has properties of the same name
ADDRESS = {
    "datafactory:LinkedService": "linkedServiceName",
    "dbforpostgresql:AdministratorsMicrosoftEntra": "objectId",
    "monitor:DiagnosticSetting": "resourceUri",
}
NESTED = ("properties", "typeProperties")
RESPELT = {"applicationinsights:Component"}  # Azure spells Application_Type what azure-native calls applicationType
USER_ASSIGNED = "userAssignedIdentities"  # a list of ids in inputs, a map in Azure


def arm_body(token: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Return the body of a resource, without the parts of its address."""
    types, kind = body_type(token)
    inputs = with_identities(respelt(types, kind, inputs) if token in RESPELT else inputs)
    own = types.properties(kind, inputs)
    names = set(own)
    if "properties" in own:
        inner = types.follow(own["properties"]["type"])
        names |= types.all_names(inner) | types.properties(inner, inputs).keys()
    body = {
        key: value
        for key, value in inputs.items()
        if key not in ("resourceGroupName", "scope", ADDRESS.get(token))
        and (key in names or not key.lower().endswith("name"))
    }
    result: dict[str, Any] = unflatten(types, kind, body)
    return result


def respelt(types: Types, kind: Type, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Return inputs with Azure's own spelling of what is in `properties`."""
    own = types.properties(kind, inputs)
    names = {plain(name): name for name in types.properties(types.follow(own["properties"]["type"]), inputs)}
    return {key if key in own else names.get(plain(key), key): value for key, value in inputs.items()}


def plain(name: str) -> str:
    """Return a name without its spelling: `Application_Type` and `applicationType` are the same."""
    return name.replace("_", "").lower()


def with_identities(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Return inputs with the assigned identities as Azure takes them."""
    identity = inputs.get("identity")
    if not isinstance(identity, dict) or not isinstance(identity.get(USER_ASSIGNED), list):
        return dict(inputs)
    return {**inputs, "identity": {**identity, USER_ASSIGNED: {each: {} for each in identity[USER_ASSIGNED]}}}


def body_type(token: str) -> tuple[Types, Type]:
    """Return the type of a resource's body, and the types that it refers to."""
    types = load_types(VERSIONS[token])
    return types, types.resources[VERSIONS[token].lower()]


def unflatten(types: Types, kind: Type, value: Any) -> Any:
    """Return a copy of `value` with `properties` and `typeProperties` restored, at every depth."""
    if kind["$type"] == "ArrayType" and isinstance(value, list):
        return [unflatten(types, types.follow(kind["itemType"]), each) for each in value]
    if kind["$type"] == "UnionType" and isinstance(value, dict | list):
        choices = [types.follow(each) for each in kind["elements"]]
        fitting = [each for each in choices if each["$type"].endswith(("ObjectType", "ArrayType"))]
        return unflatten(types, fitting[0], value) if fitting else value
    if kind["$type"].endswith("ObjectType") and isinstance(value, dict):
        return unflatten_object(types, kind, value)
    return value


def unflatten_object(types: Types, kind: Type, value: Mapping[str, Any]) -> dict[str, Any]:
    allowed = types.properties(kind, value)
    body: dict[str, Any] = {}
    for key, child in value.items():
        nest = None if key in allowed else nest_of(types, allowed, key, value)
        if nest:
            body.setdefault(nest, {})[key] = child
        else:
            body[key] = unflatten(types, types.follow(allowed[key]["type"]), child) if key in allowed else child
    for nest in NESTED:
        if nest in body and nest in allowed and nest not in value:
            body[nest] = unflatten(types, types.follow(allowed[nest]["type"]), body[nest])
    return body


def nest_of(types: Types, allowed: Mapping[str, Any], key: str, value: Mapping[str, Any]) -> str | None:
    """Return which of `properties` and `typeProperties` a key was moved out of, or None."""
    for nest in NESTED:
        if nest in allowed:
            inner = types.follow(allowed[nest]["type"])
            given = value if inner["$type"] == "DiscriminatedObjectType" else value[key]
            if key in types.properties(inner, given) or key in types.all_names(inner):
                return nest
    return None
