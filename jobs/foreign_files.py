"""Read files that others wrote, into bounded memory and time: regular files only, of a limited size and depth."""

import json
import os
import stat
from pathlib import Path
from typing import Any

import yaml

MAX_JSON_BYTES = 4 * 2**20
MAX_YAML_BYTES = 100_000  # PyYAML reads about 100 kB a second
MAX_DEPTH = 60
MAX_VALUES = 1_000_000


class UnusableFileError(Exception):
    """A file that must not be read, or a text that must not be used. The message is the reason, and follows a name."""


def read_regular_file(path: Path, at_most: int) -> bytes:
    """All bytes of a file. Raises OSError, and UnusableFileError for a device, a pipe, or more than `at_most` bytes.

    A device has the size 0 and no end, a pipe waits for its writer: neither is opened.
    """
    found = path.stat()
    if stat.S_ISDIR(found.st_mode):
        raise UnusableFileError("it is a folder")
    if not stat.S_ISREG(found.st_mode):
        raise UnusableFileError("it is a device or a pipe, and only files are read")
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        data = file.read(size + 1) if size <= at_most else b""
    if max(size, len(data)) > at_most:
        raise UnusableFileError(f"it is larger than {format_size(at_most)}")
    if len(data) > size:
        raise UnusableFileError("it was changed while it was read")
    return data


def format_size(size: int) -> str:
    return f"{size // 2**20} MiB" if size >= 2**20 else f"{size // 1000} kB"


def parse_json(text: str | bytes) -> Any:
    """The value of a JSON text, in any encoding of Unicode. Raises UnusableFileError, also for what deserves no trust.

    Nested deeper than MAX_DEPTH, numbers that are not finite or have thousands of digits, halves of characters.
    """
    try:
        value = json.loads(text, parse_constant=refuse_constant)
    except (ValueError, RecursionError) as error:
        reason = "it is nested too deep" if isinstance(error, RecursionError) else str(error)
        raise UnusableFileError(f"it is not valid JSON: {reason}") from error
    check_values(value)
    return value


def refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not a number of JSON")


def check_values(value: Any) -> None:
    """Raise UnusableFileError for a value that is nested too deep or stands for too many others, and for a text that
    cannot be encoded."""
    pending, seen = [(value, 0)], 0
    while pending:
        each, depth = pending.pop()
        seen += 1
        if depth > MAX_DEPTH:
            raise UnusableFileError(f"it is nested deeper than {MAX_DEPTH} levels")
        if seen > MAX_VALUES:  # a few lines of YAML's aliases can stand for billions
            raise UnusableFileError(f"it holds more than {MAX_VALUES:,} values")
        if isinstance(each, dict):
            pending += [(part, depth + 1) for pair in each.items() for part in pair]
        elif isinstance(each, list):
            pending += [(part, depth + 1) for part in each]
        elif isinstance(each, str) and any("\ud800" <= letter <= "\udfff" for letter in each):
            raise UnusableFileError("it has a text that is not valid Unicode")


def parse_yaml(data: bytes) -> Any:
    """The value of a YAML document in UTF-8. Raises UnusableFileError, as `parse_json` does."""
    try:
        value = yaml.safe_load(data.decode("utf-8-sig"))
    except RecursionError as error:
        raise UnusableFileError("it is nested too deep") from error
    # PyYAML raises the errors of Python for a tag with a wrong value, such as `!!int x`.
    except (yaml.YAMLError, ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise UnusableFileError(f"it is not valid YAML: {reason}") from error
    check_values(value)
    return value
