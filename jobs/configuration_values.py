"""The values of a stack's settings: YAML, or the text that `pulumi config set` writes."""

from collections.abc import Mapping
from typing import Any

from jobs.foreign_files import UnusableFileError, parse_json
from jobs.lines import escape_name


def parse_value(value: Any) -> Any:
    if isinstance(value, str) and value.lstrip()[:1] in ("[", "{"):
        try:
            return parse_json(value)
        except UnusableFileError:
            return value
    return value


def check_types(values: Mapping[str, Any], types: Mapping[str, str]) -> None:
    """Raise ValueError for a value that is not of its setting's type. Texts stand for numbers and booleans, too."""
    for name, value in values.items():
        kind = types.get(name, "string")
        is_plain = value is None or isinstance(value, str | int | float)
        if is_plain if kind == "array" and value is not None else not is_plain and kind != "array":
            raise ValueError(f"{name} is not of the type {kind}")
        if isinstance(value, str) and escape_name(value) != value:
            raise ValueError(f"{name} has control characters")


def parse_boolean(value: Any) -> bool:
    """A boolean may be YAML, or the text that `pulumi config set` writes."""
    return str(value).lower() == "true"


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
