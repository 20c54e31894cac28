"""Read CSV and JSON: a block a record, each value with its name."""

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

from jobs.documents.blocks import Block, UnreadableDocumentError
from jobs.documents.text_files import decode


def read_csv(data: bytes) -> list[Block]:
    """One block a row, `name: value` for each column; the names are in the first row. Commas, semicolons or tabs."""
    text = decode(data)
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    try:
        rows = list(csv.reader(io.StringIO(text), delimiter=delimiter))
    except csv.Error as error:
        raise UnreadableDocumentError(f"not valid CSV ({error})") from None
    names = rows[0] if rows else []
    blocks = [join_fields(name_values(names, row)) for row in rows[1:]]
    return [Block(block) for block in blocks if block]


def name_values(names: list[str], row: list[str]) -> Iterator[tuple[str, str]]:
    """Each value with its column's name; a row may have more values than the first one has names."""
    for number, value in enumerate(row):
        yield (names[number] if number < len(names) else "") or f"column {number + 1}", value


def join_fields(fields: Any) -> str:
    return "; ".join(f"{name}: {value}" for name, value in fields if str(value).strip())


def read_json(data: bytes) -> list[Block]:
    """One block an object, its plain values; the heading is the path to it, such as `students > 2`."""
    try:
        return list(walk_json(json.loads(decode(data)), ()))
    except ValueError as error:
        raise UnreadableDocumentError(f"not valid JSON ({error})") from None
    except RecursionError:
        raise UnreadableDocumentError("JSON that is nested too deeply") from None


def walk_json(value: Any, path: tuple[str, ...]) -> Iterator[Block]:
    """The blocks of a value: its own plain values together, then those of the values inside it."""
    if isinstance(value, list) and not any(isinstance(each, dict | list) for each in value):
        value = ", ".join(show(each) for each in value)
    if not isinstance(value, dict | list):
        if text := show(value).strip():
            yield Block(text, " > ".join(path))
        return
    members = list(value.items()) if isinstance(value, dict) else [(str(n), each) for n, each in enumerate(value, 1)]
    own = join_fields((name, show(each)) for name, each in members if not isinstance(each, dict | list))
    if own:
        yield Block(own, " > ".join(path))
    for name, each in members:
        if isinstance(each, dict | list):
            yield from walk_json(each, (*path, name))


def show(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
