"""Parameters of pipelines and datasets: what is declared, what is given, what is the default."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from jobs.errors import JobError
from jobs.pipeline.documents import Document
from jobs.pipeline.local_runner.expressions import UNRESOLVED
from jobs.pipeline.schema import Rule, anything, by_name, fields, is_whole, one_of

KINDS: Mapping[str, Callable[[Any], bool]] = {
    "string": lambda value: isinstance(value, str),
    "int": is_whole,
    "float": lambda value: isinstance(value, float) or is_whole(value),
    "bool": lambda value: isinstance(value, bool),
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
}
# Studio writes the names of types in small letters, the schema of Data Factory has capitals.
TYPES = [name for kind in KINDS for name in (kind.capitalize(), kind)]
DECLARED: Rule = by_name(fields({"type": one_of(*TYPES)}, {"defaultValue": anything}))


@dataclass(frozen=True)
class Parameters:
    """What a document declares: the kind of each parameter, and the defaults of those that have one."""

    document: Document
    kinds: Mapping[str, str]
    defaults: Mapping[str, Any]

    def run(self, given: Mapping[str, str]) -> dict[str, Any]:
        """The values for a run, from the texts of a command line, converted to the declared types."""
        self.refuse_undeclared(given, f"{self.document.place}:")
        values = {name: self.converted(name, text) for name, text in given.items()}
        return self.complete(values, f"{self.document.place}:", "give one with `-p NAME=VALUE`")

    def handed_over(self, given: Mapping[str, Any], by: str) -> dict[str, Any]:
        """The values for a dataset, from a reference to it; `by` says whose reference. Raises Failure."""
        by = f"{by}:"
        self.refuse_undeclared(given, by)
        for name, value in given.items():
            if value is not UNRESOLVED and not KINDS[self.kinds[name]](value):
                raise JobError(
                    f"{by} it gives {self.document.name} `{name}`, and that is no {self.kinds[name]}: mend it."
                )
        return self.complete(dict(given), by, "give one, or declare a default")

    def refuse_undeclared(self, given: Mapping[str, Any], by: str) -> None:
        for name in given:
            if name not in self.kinds:
                there = ", ".join(self.kinds) or "none"
                raise JobError(f"{by} {self.document.name} declares no parameter `{name}`: use what it has ({there}).")

    def complete(self, values: dict[str, Any], by: str, advice: str) -> dict[str, Any]:
        missing = [name for name in self.kinds if name not in values and name not in self.defaults]
        if missing:
            raise JobError(f"{by} {self.document.name} has no value for `{'`, `'.join(missing)}`: {advice}.")
        return {**self.defaults, **values}

    def converted(self, name: str, text: str) -> Any:
        """A text from the command line as the parameter's type."""
        kind = self.kinds[name]
        try:
            value = text if kind == "string" else json.loads(text.lower() if kind == "bool" else text)
        except ValueError:
            value = None
        if not KINDS[kind](value):
            raise JobError(f"`{name}` of {self.document.name} has to be of type {kind}, and {text!r} is not.")
        return float(str(value)) if kind == "float" else value


def declared(document: Document) -> Parameters:
    """The parameters of a pipeline or dataset. Raises Failure for an unknown type or a default of another type."""
    found = document.properties.get("parameters", {})
    document.follow(by_name(DECLARED), {"parameters": found})
    kinds = {name: parameter["type"].lower() for name, parameter in found.items()}
    defaults = {name: parameter["defaultValue"] for name, parameter in found.items() if "defaultValue" in parameter}
    for name, value in defaults.items():
        if not KINDS[kinds[name]](value):
            raise JobError(f"{document.place}: parameters.{name}.defaultValue is no {kinds[name]}: mend it.")
    return Parameters(document, kinds, defaults)
