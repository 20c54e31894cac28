"""Convert Data Factory documents from the shape that Studio saves to the one that azure-native expects. Pure."""

import re
from collections.abc import Mapping
from typing import Any

PLACEHOLDER = re.compile(r"\$\{(\w+)\}")


def bind(node: Any, values: Mapping[str, Any], file: str) -> Any:
    """Return a copy of `node` with each leaf "${name}" replaced by the value of that name, of whatever type.

    Raises ValueError, with `file`, for a name without a value, and for a placeholder that is only part of a text:
    Data Factory would receive it unchanged. Data Factory's own @{...} stays. jobs/pipeline/documents.py follows the
    same rule, and tests/test_contracts.py compares the two.
    """
    if isinstance(node, dict):
        return {key: bind(value, values, file) for key, value in node.items()}
    if isinstance(node, list):
        return [bind(value, values, file) for value in node]
    if not isinstance(node, str) or "${" not in node:
        return node
    placeholder = PLACEHOLDER.fullmatch(node)
    if placeholder is None:
        raise ValueError(
            f'{file}: {node!r} contains "${{": a placeholder such as "${{vault_url}}" must be the whole text'
        )
    if placeholder[1] not in values:
        raise ValueError(f"{file}: there is no value for {node}: use one of {', '.join(sorted(values))}")
    return values[placeholder[1]]


def hoist_type_properties(node: Any) -> Any:
    """Return a copy of a document with the content of every `typeProperties` moved one level up.

    azure-native has only this flat shape, and silently drops `typeProperties`: a Copy activity would arrive empty.
    Raises ValueError where flattening would lose something: a key that is on both levels, or a `schema` inside,
    which azure-native would send as the list of columns.
    """
    if isinstance(node, list):
        return [hoist_type_properties(value) for value in node]
    if not isinstance(node, dict):
        return node
    outer = {key: hoist_type_properties(value) for key, value in node.items() if key != "typeProperties"}
    inner = hoist_type_properties(node["typeProperties"]) if "typeProperties" in node else {}
    if not isinstance(inner, dict):
        raise ValueError(f"typeProperties of {node.get('type')} is not an object: {inner!r}")
    lost = inner.keys() & {*outer, "schema"}
    if lost:
        raise ValueError(f"typeProperties of {node.get('type')} cannot be flattened: {', '.join(sorted(lost))}")
    return outer | inner


def resolve_references(node: Any, names: Mapping[str, Any]) -> Any:
    """Return a copy of a document with each "referenceName" replaced by names[referenceName], in any letter case.

    A name of an integration runtime stays. Raises ValueError for a reference to a document that is not among the names.
    """
    if isinstance(node, list):
        return [resolve_references(value, names) for value in node]
    if not isinstance(node, dict):
        return node
    resolved = {key: resolve_references(value, names) for key, value in node.items()}
    name = node.get("referenceName")
    if isinstance(name, str) and node.get("type") != "IntegrationRuntimeReference":
        found = next((each for each in names if each.casefold() == name.casefold()), None)
        if found is None:
            raise ValueError(f"no document created so far is named {name}: there are {', '.join(sorted(names))}")
        resolved["referenceName"] = names[found]
    return resolved
