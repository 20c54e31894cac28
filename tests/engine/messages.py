"""The messages between Pulumi's engine and a provider: values as Structs, secrets, and differences of inputs.

https://github.com/pulumi/pulumi (proto/pulumi/provider.proto; sdk/go/common/resource/sig.go for the signature)
"""

from collections.abc import Iterable, Mapping
from typing import Any

from google.protobuf import json_format, struct_pb2
from pulumi.runtime.proto import provider_pb2

SIGNATURE, SECRET = "4dabf18193072939515e22adb298388d", "1b47061264138c4ac30d75fd1eb44270"


def plain(message: struct_pb2.Struct) -> dict[str, Any]:
    """A Struct as Python values: whole numbers as int, secrets as their values, nulls left out."""
    values: dict[str, Any] = plain_value(json_format.MessageToDict(message))
    return values


def plain_value(value: Any) -> Any:
    if isinstance(value, dict):
        if value.get(SIGNATURE) == SECRET:
            return plain_value(value.get("value"))
        return {key: plain_value(each) for key, each in value.items() if each is not None}
    if isinstance(value, list):
        return [plain_value(each) for each in value]
    return int(value) if isinstance(value, float) and value == int(value) else value


def struct(values: Mapping[str, Any]) -> struct_pb2.Struct:
    """Python values as a Struct."""
    message: struct_pb2.Struct = json_format.ParseDict(dict(values), struct_pb2.Struct())
    return message


def secret(value: Any) -> dict[str, Any]:
    """A value that the engine keeps secret."""
    return {SIGNATURE: SECRET, "value": value}


def token_of(urn: str) -> str:
    """module:Class of a URN, without package and module path."""
    _, module, name = urn.split("::")[2].rpartition("$")[2].split(":")
    return f"{module.partition('/')[0]}:{name}"


def differences(old: Any, new: Any, path: str = "") -> dict[str, str]:
    """ADD, DELETE or UPDATE by the path of each difference between two trees of inputs."""
    if isinstance(old, dict) and isinstance(new, dict):
        found: dict[str, str] = {}
        for key in {**old, **new}:
            where = f"{path}.{key}" if path else key
            if key in old and key in new:
                found |= differences(old[key], new[key], where)
            else:
                found[where] = "ADD" if key in new else "DELETE"
        return found
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        pairs = enumerate(zip(old, new, strict=True))
        return {key: how for index, pair in pairs for key, how in differences(*pair, f"{path}[{index}]").items()}
    return {} if old == new else {path: "UPDATE"}


def diff_response(changed: Mapping[str, str], replaces: Iterable[str], delete_first: bool) -> Any:
    """The answer to Diff. `replaces`: the changed paths that need another resource."""
    replacing = list(replaces)
    kind = provider_pb2.PropertyDiff.Kind
    detail = {
        path: provider_pb2.PropertyDiff(kind=kind.Value(f"{how}_REPLACE" if path in replacing else how), inputDiff=True)
        for path, how in changed.items()
    }
    changes = provider_pb2.DiffResponse.DIFF_SOME if changed else provider_pb2.DiffResponse.DIFF_NONE
    return provider_pb2.DiffResponse(
        changes=changes,
        replaces=replacing,
        diffs=sorted({path.partition(".")[0].partition("[")[0] for path in changed}),
        deleteBeforeReplace=bool(replacing) and delete_first,
        detailedDiff=detail,
        hasDetailedDiff=True,
    )
