"""Read the JSON documents of `adf/`: <kind>/<name>.json, in the shape that Data Factory Studio saves."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jobs.errors import JobError
from jobs.pipeline.schema import Rule

MARK = re.compile(r"\$\{(\w+)\}")
KINDS = {"pipeline": "pipeline", "dataset": "dataset", "linkedService": "linked service"}  # folder: what lies in it


@dataclass(frozen=True)
class Document:
    """One document: `place` names its file for a person, and the files and activity that led to it."""

    name: str
    place: str
    properties: dict[str, Any]

    def follow(self, rule: Rule, value: Any, inside: str = "") -> None:
        """Raise Failure, naming the file and `inside`, with the first thing in which `value` breaks the rule."""
        for path, what in rule(value):
            raise JobError(f"{self.place}{inside}: {path or 'it'} {what}.")


@dataclass(frozen=True)
class Documents:
    """The documents of one folder. `values` take the places of "${name}" in linked services."""

    folder: Path
    values: Mapping[str, Any] = field(repr=False)

    def names(self, kind: str) -> list[str]:
        return sorted(path.stem for path in (self.folder / kind).glob("*.json"))

    def pipeline(self, name: str) -> Document:
        """The pipeline a person asked for. Raises Failure that names those that exist."""
        if name not in self.names("pipeline"):
            there = ", ".join(self.names("pipeline")) or "none"
            raise JobError(f"{self.folder} has no pipeline {name}: choose one of those it has ({there}).")
        return self.read("pipeline", name)

    def referenced(self, kind: str, name: str, by: str) -> Document:
        """What a document names. Raises Failure when there is no such file; `by` says who asks."""
        if name not in self.names(kind):
            there = ", ".join(self.names(kind)) or "none"
            raise JobError(
                f"{by}: it refers to {name}, and there is no {self.folder.name}/{kind}/{name}.json: "
                f"add it, or name a {KINDS[kind]} that exists ({there})."
            )
        document = self.read(kind, name, f", used by {by}")
        if kind != "linkedService":
            return document
        return Document(name, document.place, bind(document.properties, self.values, document.place))

    def read(self, kind: str, name: str, used: str = "") -> Document:
        """Raises Failure when the file is no JSON document of this name."""
        path = self.folder / kind / f"{name}.json"
        place = f"{self.folder.name}/{kind}/{name}.json{used}"
        try:
            content = json.loads(path.read_text(encoding="utf-8-sig"))  # editors on Windows put a mark at the start
        except OSError as error:
            raise JobError(f"{place}: it cannot be read ({error.strerror}): make it readable.") from error
        except ValueError as error:
            raise JobError(f"{place}: it is no JSON ({error}): mend it there.") from error
        properties = content.get("properties") if isinstance(content, dict) else None
        if not isinstance(properties, dict):
            raise JobError(f'{place}: it has no "properties", and has to be a {KINDS[kind]} as Studio saves it.')
        if content.get("name") != name:
            raise JobError(f"{place}: it calls itself {content.get('name')!r}, and a file is named as what it holds.")
        return Document(name, place, properties)


def bind(node: Any, values: Mapping[str, Any], place: str) -> Any:
    """A copy of `node` with every leaf of exactly "${name}" replaced whole by the value of that name.

    Raises Failure for a name that has no value, and for a mark inside a longer text, which would stay as it is.
    """
    if isinstance(node, dict):
        return {key: bind(value, values, place) for key, value in node.items()}
    if isinstance(node, list):
        return [bind(value, values, place) for value in node]
    if not isinstance(node, str) or "${" not in node:
        return node
    mark = MARK.fullmatch(node)
    if mark is None:
        raise JobError(f'{place}: it has {node!r}, and a mark like "${{vault_url}}" has to be the whole text.')
    if mark[1] not in values:
        raise JobError(
            f"{place}: it wants {node}, and the target has no such value: it has {', '.join(sorted(values))}."
        )
    return values[mark[1]]
