"""Read the JSON documents of `adf/`: <kind>/<name>.json, in the format that Data Factory Studio saves."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jobs.errors import ErrorKind, JobError
from jobs.foreign_files import MAX_JSON_BYTES, UnusableFileError, parse_json, read_regular_file
from jobs.pipeline.names import describe_wrong_name, find_name, repeated_names
from jobs.pipeline.schema import Validator

PLACEHOLDER = re.compile(r"\$\{(\w+)\}")
# folder: kind of document
KINDS = {"pipeline": "pipeline", "dataset": "dataset", "linkedService": "linked service", "trigger": "trigger"}
LOOSELY_NAMED = ("pipeline", "trigger")


@dataclass(frozen=True)
class Document:
    """One document. `label` names it in messages: its file, and the files and the activity that refer to it."""

    name: str
    label: str
    properties: dict[str, Any]

    def validate(self, validator: Validator, value: Any, inside: str = "") -> None:
        """Raise JobError with the first problem that `validator` finds in `value`, a part of the document.

        `inside` names the part in the message.
        """
        for path, problem in validator(value):
            raise JobError(f"{self.label}{inside}: {path or 'it'} {problem}.", ErrorKind.invalid)


@dataclass(frozen=True)
class Documents:
    """The documents of one folder. `values` replace placeholders, "${name}", in linked services."""

    folder: Path
    values: Mapping[str, Any] = field(repr=False)

    def list_names(self, kind: str) -> list[str]:
        return sorted(path.stem for path in (self.folder / kind).glob("*.json"))

    def find(self, kind: str, name: str) -> str | None:
        """The name of the document that Data Factory takes for `name`, in any letter case. Raises JobError for two."""
        names = self.list_names(kind)
        found = find_name(name, names)
        if found is not None and found in (repeated := repeated_names(names)):
            same = " and ".join(each for each in repeated if each.casefold() == found.casefold())
            raise JobError(
                f"{self.folder.name}/{kind}: {same} are one {KINDS[kind]} for Data Factory, which does not distinguish "
                "letter case: rename one of them.",
                ErrorKind.invalid,
            )
        return found

    def read_pipeline(self, name: str) -> Document:
        """The pipeline of this name. Raises JobError that lists the pipelines that exist."""
        found = self.find("pipeline", name)
        if found is None:
            existing = ", ".join(self.list_names("pipeline")) or "none"
            raise JobError(
                f"{self.folder} has no pipeline {name}: choose one of its pipelines ({existing}).", ErrorKind.not_found
            )
        return self.read("pipeline", found)

    def read_reference(self, kind: str, name: str, referrer: str) -> Document:
        """The document that another one, named by `referrer`, refers to. Raises JobError when there is no such file."""
        found = self.find(kind, name)
        if found is None:
            existing = ", ".join(self.list_names(kind)) or "none"
            raise JobError(
                f"{referrer}: it refers to {name}, and there is no {self.folder.name}/{kind}/{name}.json: "
                f"add it, or name a {KINDS[kind]} that exists ({existing}).",
                ErrorKind.not_found,
            )
        document = self.read(kind, found, f", used by {referrer}")
        if kind != "linkedService":
            return document
        return Document(found, document.label, bind(document.properties, self.values, document.label))

    def read(self, kind: str, name: str, used_by: str = "") -> Document:
        """The document in the file of this name. Raises JobError when the file does not hold it."""
        path = self.folder / kind / f"{name}.json"
        label = f"{self.folder.name}/{kind}/{name}.json{used_by}"
        try:
            content = parse_json(read_regular_file(path, MAX_JSON_BYTES))
        except OSError as error:
            raise JobError(
                f"{label}: it cannot be read ({error.strerror}): make it readable.", ErrorKind.invalid
            ) from error
        except UnusableFileError as error:
            raise JobError(f"{label}: {error}: fix it there.", ErrorKind.invalid) from error
        properties = content.get("properties") if isinstance(content, dict) else None
        if not isinstance(properties, dict):
            raise JobError(
                f'{label}: it has no "properties": save it as a {KINDS[kind]}, as Data Factory Studio does.',
                ErrorKind.invalid,
            )
        if content.get("name") != name:
            raise JobError(
                f"{label}: its name is {content.get('name')!r}: give the file and the document the same name.",
                ErrorKind.invalid,
            )
        if (wrong := describe_wrong_name(name, loose=kind in LOOSELY_NAMED)) is not None:
            raise JobError(f"{label}: Data Factory does not take its name: {wrong}.", ErrorKind.invalid)
        return Document(name, label, properties)


def bind(node: Any, values: Mapping[str, Any], file: str) -> Any:
    """Return a copy of `node` with each leaf "${name}" replaced by the value of that name, of whatever type.

    Raises JobError, with `file`, for a name without a value, and for a placeholder that is only part of a text: Data
    Factory would receive it unchanged. infra/adf_shape.py follows the same rule, and tests/test_contracts.py compares
    the two.
    """
    if isinstance(node, dict):
        return {key: bind(value, values, file) for key, value in node.items()}
    if isinstance(node, list):
        return [bind(value, values, file) for value in node]
    if not isinstance(node, str) or "${" not in node:
        return node
    placeholder = PLACEHOLDER.fullmatch(node)
    if placeholder is None:
        reason = f'{node!r} contains "${{": a placeholder such as "${{vault_url}}" must be the whole text'
        raise JobError(f"{file}: {reason}.", kind=ErrorKind.invalid)
    if placeholder[1] not in values:
        reason = f"there is no value for {node}: use one of {', '.join(sorted(values))}"
        raise JobError(f"{file}: {reason}.", kind=ErrorKind.invalid)
    return values[placeholder[1]]
