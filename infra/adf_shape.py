"""Data Factory's documents, from the shape that its Studio saves to the one that azure-native takes. Pure."""

import re
from collections.abc import Mapping
from typing import Any

PLACE = re.compile(r"\$\{([^{}]*)\}")


def bind(document: Any, values: Mapping[str, Any]) -> Any:
    """A copy of a document with each leaf "${name}" replaced whole by values[name], of whatever type that is.

    Raises ValueError for a name that is not among the values. Data Factory's own @{...} stays as it is.
    """
    if isinstance(document, dict):
        return {key: bind(value, values) for key, value in document.items()}
    if isinstance(document, list):
        return [bind(value, values) for value in document]
    place = PLACE.fullmatch(document) if isinstance(document, str) else None
    if place is None:
        return document
    if place[1] not in values:
        raise ValueError(f"{document} names no output: there are {', '.join(sorted(values))}")
    return values[place[1]]


def hoist_type_properties(node: Any) -> Any:
    """A copy of a document with the content of every `typeProperties` one level up.

    azure-native knows only this flat shape and drops `typeProperties` without a word: a Copy would arrive empty.
    Raises ValueError where flattening would lose something: a key on both levels, or a `schema` inside, which
    azure-native would send as the list of columns.
    """
    if isinstance(node, list):
        return [hoist_type_properties(value) for value in node]
    if not isinstance(node, dict):
        return node
    outer = {key: hoist_type_properties(value) for key, value in node.items() if key != "typeProperties"}
    inner = hoist_type_properties(node["typeProperties"]) if "typeProperties" in node else {}
    if not isinstance(inner, dict):
        raise ValueError(f"typeProperties of {node.get('type')} is no object: {inner!r}")
    lost = inner.keys() & {*outer, "schema"}
    if lost:
        raise ValueError(f"typeProperties of {node.get('type')} cannot be flattened: {', '.join(sorted(lost))}")
    return outer | inner


def refer(document: Any, names: Mapping[str, Any]) -> Any:
    """A copy of a document with the name in each {"referenceName": ..., "type": ...} replaced by names[name].

    Raises ValueError for a reference to what is not among the names.
    """
    if isinstance(document, list):
        return [refer(value, names) for value in document]
    if not isinstance(document, dict):
        return document
    found = {key: refer(value, names) for key, value in document.items()}
    name = document.get("referenceName")
    if isinstance(name, str):
        if name not in names:
            raise ValueError(f"no document made so far has the name {name}: there are {', '.join(sorted(names))}")
        found["referenceName"] = names[name]
    return found
