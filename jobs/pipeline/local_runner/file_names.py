"""Which files a copy selects, and their names in the sink."""

import re
from collections.abc import Sequence
from functools import cache
from pathlib import PurePosixPath
from uuid import NAMESPACE_URL, uuid5

WILDCARD = re.compile(r"(?:\^[*?^]|[^^/])+", re.DOTALL)


def is_selected(name: str, recursive: bool, wildcard: str | None) -> bool:
    """Whether a file is copied, by its path relative to the source's folder."""
    folder, _, last = name.rpartition("/")
    if not last:  # some programs mark a folder by a name that ends with a slash
        return False
    return (recursive or not folder) and (wildcard in (None, "*") or matches_wildcard(last, str(wildcard)))


def is_wildcard(value: object) -> bool:
    """Whether a value is a wildcard for a file's name: ^ escapes only *, ? and itself, and no name has a slash."""
    return isinstance(value, str) and bool(WILDCARD.fullmatch(value))


def matches_wildcard(name: str, wildcard: str) -> bool:
    """Whether a file's name matches: * is any text, ? is one character or none, ^ escapes *, ? and ^.

    All ways to match are followed at once, so that no wildcard takes long.
    https://learn.microsoft.com/azure/data-factory/connector-azure-blob-storage#folder-and-file-filter-examples
    """
    steps = parse_wildcard(wildcard)
    places = skip_symbols({0}, steps)
    for character in name:
        stay = {place for place in places if place < len(steps) and steps[place][0] == "*"}
        go = {place + 1 for place in places if place < len(steps) and steps[place] in (("?", ""), ("", character))}
        places = skip_symbols(stay | go, steps)
    return len(steps) in places


@cache
def parse_wildcard(wildcard: str) -> tuple[tuple[str, str], ...]:
    """The steps of a wildcard: (* or ?, nothing), or (nothing, a character)."""
    pieces = re.findall(r"\^(?=[*?^])(.)|([*?])|(.)", wildcard, re.DOTALL)
    return tuple((symbol, escaped or plain) for escaped, symbol, plain in pieces)


def skip_symbols(places: set[int], steps: Sequence[tuple[str, str]]) -> set[int]:
    """The places in a wildcard, and those behind the * and ? that stand there: both may be nothing."""
    found = set(places)
    for place in range(len(steps)):
        if place in found and steps[place][0]:
            found.add(place + 1)
    return found


def sink_name(path: str, relative: str, flat: bool) -> str:
    """A file's path in the sink's folder, from its `path` in the source and that `relative` to the source's folder.

    Flat names are generated, as Data Factory's are, but always the same for a path: a second run replaces the files.
    """
    return f"data_{uuid5(NAMESPACE_URL, path)}{PurePosixPath(path).suffix}" if flat else relative
