"""Which files a copy selects, and their names in the sink."""

import re
from pathlib import PurePosixPath
from uuid import NAMESPACE_URL, uuid5

WILDCARD = re.compile(r"(?:\^[*?^]|[^^/])+", re.DOTALL)


def is_selected(name: str, recursive: bool, wildcard: str | None) -> bool:
    """Whether a file is copied, by its path relative to the source's folder."""
    folder, _, last = name.rpartition("/")
    if not last:  # some programs mark a folder by a name that ends with a slash
        return False
    return (recursive or not folder) and (wildcard is None or matches_wildcard(last, wildcard))


def is_wildcard(value: object) -> bool:
    """Whether a value is a wildcard for a file's name: ^ escapes only *, ? and itself, and no name has a slash."""
    return isinstance(value, str) and bool(WILDCARD.fullmatch(value))


def matches_wildcard(name: str, wildcard: str) -> bool:
    """Whether a file's name matches: * is any text, ? is one character or none, ^ escapes *, ? and ^.

    https://learn.microsoft.com/azure/data-factory/connector-azure-blob-storage#folder-and-file-filter-examples
    """
    pieces = re.findall(r"\^([*?^])|([*?]+)|(.)", wildcard, re.DOTALL)
    pattern = "".join(
        symbols_pattern(symbols) if symbols else re.escape(escaped or plain) for escaped, symbols, plain in pieces
    )
    return re.fullmatch(pattern, name, re.DOTALL) is not None


def symbols_pattern(symbols: str) -> str:
    """The pattern of * and ? beside each other. As one piece, a long row of them does not slow the match down."""
    return ".*" if "*" in symbols else f".{{0,{len(symbols)}}}"


def sink_name(path: str, relative: str, flat: bool) -> str:
    """A file's path in the sink's folder, from its `path` in the source and that `relative` to the source's folder.

    Flat names are generated, as Data Factory's are, but always the same for a path: a second run replaces the files.
    """
    return f"data_{uuid5(NAMESPACE_URL, path)}{PurePosixPath(path).suffix}" if flat else relative
