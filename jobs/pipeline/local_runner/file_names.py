"""Which files a copy selects, and their names in the sink."""

import re
from pathlib import PurePosixPath
from uuid import NAMESPACE_URL, uuid5


def is_selected(name: str, recursive: bool, wildcard: str | None) -> bool:
    """Whether a file is copied, by its path relative to the source's folder."""
    folder, _, last = name.rpartition("/")
    if not last:  # some programs mark a folder by a name that ends with a slash
        return False
    return (recursive or not folder) and (wildcard is None or matches_wildcard(last, wildcard))


def matches_wildcard(name: str, wildcard: str) -> bool:
    """Whether a file's name matches a wildcard: * is any text, ? is one character, ^ escapes the next character."""
    pieces = re.findall(r"\^(.)|([*?])|(.)", wildcard, re.DOTALL)
    wildcards = {"*": ".*", "?": "."}
    pattern = "".join(wildcards[symbol] if symbol else re.escape(escaped or plain) for escaped, symbol, plain in pieces)
    return re.fullmatch(pattern, name, re.DOTALL) is not None


def sink_name(path: str, relative: str, flat: bool) -> str:
    """A file's path in the sink's folder, from its `path` in the source and that `relative` to the source's folder.

    Flat names are generated, as Data Factory's are, but always the same for a path: a second run replaces the files.
    """
    return f"data_{uuid5(NAMESPACE_URL, path)}{PurePosixPath(path).suffix}" if flat else relative
