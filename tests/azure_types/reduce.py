"""Write data/ from a checkout of github.com/Azure/bicep-types-az, reduced to what `resources.VERSIONS` needs.

    python -m tests.azure_types.reduce ../bicep-types-az

Kept are the bodies of those resource types and every type that they refer to, without descriptions.
"""

import json
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.azure_types.resources import REQUESTED, VERSIONS
from tests.azure_types.types import DATA


def main(checkout: Path) -> None:
    files: dict[str, list[str]] = defaultdict(list)
    for version in sorted([*VERSIONS.values(), *REQUESTED]):
        kind, _, api_version = version.partition("@")
        files[f"{kind.partition('/')[0].lower()}@{api_version}"].append(version)
    for name, versions in files.items():
        provider, _, api_version = name.partition("@")
        (source,) = (checkout / "generated").glob(f"*/{provider}/{api_version}/types.json")
        content = reduce_types(json.loads(source.read_text(encoding="utf-8")), versions)
        (DATA / f"{name}.json").write_text(to_text(content), encoding="utf-8", newline="\n")


def reduce_types(types: list[dict[str, Any]], versions: list[str]) -> dict[str, Any]:
    """Return the bodies of some resource types, and every type that they refer to, by its index."""
    needed = {version.lower() for version in versions}
    resources = {
        each["name"]: index_of(each["body"])
        for each in types
        if each["$type"] == "ResourceType" and each["name"].lower() in needed
    }
    kept: set[int] = set()
    waiting = list(resources.values())
    while waiting:
        index = waiting.pop()
        if index not in kept:
            kept.add(index)
            waiting += references(types[index])
    return {"resources": resources, "types": {index: without_descriptions(types[index]) for index in sorted(kept)}}


def index_of(reference: dict[str, str]) -> int:
    """Return the index in {"$ref": "#/7"}."""
    return int(reference["$ref"].rpartition("/")[2])


def references(node: Any) -> Iterator[int]:
    """Yield the index of every type that a type refers to."""
    if isinstance(node, dict) and "$ref" in node:
        yield index_of(node)
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from references(child)


def without_descriptions(node: Any, depth: int = 0) -> Any:
    """Return a copy of a type without the descriptions of its properties, which are at the third level."""
    if not isinstance(node, dict):
        return node
    return {
        key: without_descriptions(child, depth + 1)
        for key, child in node.items()
        if not (key == "description" and depth == 2)
    }


def to_text(content: dict[str, Any]) -> str:
    """Return the content as JSON with one type a line, so that an update can be read as a diff."""
    lines = [f'"{index}":{json.dumps(each, separators=(",", ":"))}' for index, each in content["types"].items()]
    return '{{"resources":{},\n"types":{{\n{}\n}}}}\n'.format(json.dumps(content["resources"]), ",\n".join(lines))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
