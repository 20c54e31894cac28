"""Write lines for a user: the one place that does. A terminal obeys some characters: foreign text must not send them.

Foreign is every text that others wrote: names of files, labels, rows, manifests, answers of services and programs.
"""

import logging
import re
import warnings
from copy import copy
from dataclasses import fields, is_dataclass
from pathlib import PurePath
from typing import Any, TextIO, TypeVar

T = TypeVar("T")

# Control characters (C0, DEL, C1), the ends of lines that Unicode adds, and the marks that turn a text around:
# https://www.unicode.org/reports/tr9/#Directional_Formatting_Characters
NAMES = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
LINES = re.compile(NAMES.pattern.replace("\x0a-", "\x0b-"))
KEEPS_LINES = {"keeps_lines": True}
"""The metadata of a field whose newlines are ours: commands, one a line."""


def escape_name(text: str) -> str:
    """Returns a text for one line: control characters, newlines too, and marks of direction as escapes (\\x1b)."""
    return NAMES.sub(lambda match: match.group().encode("unicode_escape").decode("ascii"), text)


def escape_lines(text: str) -> str:
    """Returns a text of several lines with the same characters as escapes, and its newlines kept."""
    return LINES.sub(lambda match: match.group().encode("unicode_escape").decode("ascii"), text)


def escape_fields(value: T) -> T:
    """Returns a copy of a dataclass, or of what it holds, every text in it escaped for one line.

    Its own summary may then add newlines: a name can't forge a line.
    """
    escaped: Any = value
    if isinstance(value, str):
        escaped = escape_name(value)
    elif isinstance(value, PurePath):
        escaped = type(value)(escape_name(str(value)))
    elif isinstance(value, list | set | frozenset):
        escaped = type(value)(escape_fields(each) for each in value)
    elif isinstance(value, tuple) and not hasattr(value, "_fields"):
        escaped = tuple(escape_fields(each) for each in value)
    elif isinstance(value, dict):
        escaped = {escape_fields(key): escape_fields(each) for key, each in value.items()}
    elif is_dataclass(value) and not isinstance(value, type):
        escaped = copy(value)
        for field in fields(value):
            escape = escape_lines if field.metadata.get("keeps_lines") else escape_fields
            object.__setattr__(escaped, field.name, escape(getattr(value, field.name)))
    return escaped  # type: ignore[no-any-return]


def write_lines(stream: TextIO, text: str, end: str = "\n") -> None:
    """Write a text of ours, foreign names in it escaped, and a newline."""
    stream.write(escape_lines(text) + end)
    stream.flush()


class EscapingFormatter(logging.Formatter):
    """Formats what a library logs. Nothing here logs by itself."""

    def format(self, record: logging.LogRecord) -> str:
        return escape_lines(super().format(record))


def escape_logs() -> None:
    """Escape what libraries log and warn of where nobody has set that up: Python writes it to stderr."""
    if logging.lastResort:
        logging.lastResort.setFormatter(EscapingFormatter())
    warnings.formatwarning = format_warning  # type: ignore[assignment]


def format_warning(message: Warning | str, category: type[Warning], *place: Any) -> str:
    """One line of a warning, without the line of code."""
    return escape_name(f"{category.__name__}: {message}") + "\n"
