"""Parameters of pipelines and datasets: what is declared, which values are given, and the defaults."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from jobs.errors import ErrorKind, JobError
from jobs.pipeline.documents import Document
from jobs.pipeline.names import find_name, repeated_names
from jobs.pipeline.schema import UNRESOLVED, Validator, anything, is_integer, map_of, object_of, one_of

TYPE_CHECKS: Mapping[str, Callable[[Any], bool]] = {
    "string": lambda value: isinstance(value, str),
    "int": is_integer,
    "float": lambda value: isinstance(value, float) or is_integer(value),
    "bool": lambda value: isinstance(value, bool),
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
}
# Studio writes the names of types in lower case, Data Factory's schema with a capital.
TYPE_NAMES = [name for kind in TYPE_CHECKS for name in (kind.capitalize(), kind)]
DECLARATIONS: Validator = map_of(object_of({"type": one_of(*TYPE_NAMES)}, {"defaultValue": anything}))


@dataclass(frozen=True)
class Parameters:
    """The parameters that a document declares: their types, and the defaults of those that have one."""

    document: Document
    types: Mapping[str, str]
    defaults: Mapping[str, Any]

    def parse_values(self, texts: Mapping[str, str]) -> dict[str, Any]:
        """The values for a run, converted from the command line's texts to the declared types. Raises JobError."""
        declared = self.find_declared(texts, f"{self.document.label}:")
        values = {name: self.parse_value(name, text) for name, text in declared.items()}
        return self.add_defaults(values, f"{self.document.label}:", "give one with `-p NAME=VALUE`")

    def bind_reference(self, values: Mapping[str, Any], referrer: str) -> dict[str, Any]:
        """The values for a dataset, from a reference to it; `referrer` names the reference. Raises JobError."""
        referrer = f"{referrer}:"
        declared = self.find_declared(values, referrer)
        for name, value in declared.items():
            if value is not UNRESOLVED and not TYPE_CHECKS[self.types[name]](value):
                raise JobError(
                    f"{referrer} its value for `{name}` of {self.document.name} is not of type {self.types[name]}: "
                    "change the value.",
                    ErrorKind.invalid,
                )
        return self.add_defaults(declared, referrer, "give one, or declare a default")

    def find_declared(self, values: Mapping[str, Any], referrer: str) -> dict[str, Any]:
        """The values by the names of the declarations. Raises JobError for a name that is not declared."""
        if repeated := repeated_names(values):
            raise JobError(f"{referrer} it gives `{'` and `'.join(repeated)}`: give one of them.", ErrorKind.invalid)
        found = {name: find_name(name, self.types) for name in values}
        for name, declared in found.items():
            if declared is None:
                existing = ", ".join(self.types) or "none"
                raise JobError(
                    f"{referrer} {self.document.name} declares no parameter `{name}`: use one that it declares "
                    f"({existing}).",
                    ErrorKind.invalid,
                )
        return {declared: values[name] for name, declared in found.items() if declared is not None}

    def add_defaults(self, values: dict[str, Any], referrer: str, advice: str) -> dict[str, Any]:
        missing = [name for name in self.types if name not in values and name not in self.defaults]
        if missing:
            raise JobError(
                f"{referrer} {self.document.name} has no value for `{'`, `'.join(missing)}`: {advice}.",
                ErrorKind.invalid,
            )
        return {**self.defaults, **values}

    def parse_value(self, name: str, text: str) -> Any:
        """A text of the command line as a value of the parameter's type."""
        kind = self.types[name]
        try:
            value = text if kind == "string" else json.loads(text.lower() if kind == "bool" else text)
        except ValueError:
            value = None
        if not TYPE_CHECKS[kind](value):
            raise JobError(
                f"`{name}` of {self.document.name} has to be of type {kind}, and {text!r} is not.", ErrorKind.invalid
            )
        return float(str(value)) if kind == "float" else value


def parse_parameters(document: Document) -> Parameters:
    """The parameters of a pipeline or dataset. Raises JobError for an unknown type or a default of another type."""
    declarations = document.properties.get("parameters", {})
    document.validate(map_of(DECLARATIONS), {"parameters": declarations})
    if repeated := repeated_names(declarations):
        raise JobError(
            f"{document.label}: parameters {' and '.join(repeated)} have the same name for Data Factory: rename one.",
            ErrorKind.invalid,
        )
    types = {name: parameter["type"].lower() for name, parameter in declarations.items()}
    defaults = {
        name: parameter["defaultValue"] for name, parameter in declarations.items() if "defaultValue" in parameter
    }
    for name, value in defaults.items():
        if not TYPE_CHECKS[types[name]](value):
            raise JobError(
                f"{document.label}: parameters.{name}.defaultValue is not of type {types[name]}: change the default.",
                ErrorKind.invalid,
            )
    return Parameters(document, types, defaults)
