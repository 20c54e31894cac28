"""Which files a copy takes, and what they are called where it puts them."""

import re
from pathlib import PurePosixPath
from uuid import NAMESPACE_URL, uuid5


def is_wanted(name: str, recursive: bool, wildcard: str | None) -> bool:
    """Whether a file is taken, by its path below the source's folder."""
    folder, _, last = name.rpartition("/")
    if not last:  # a name that ends with a slash is how some programs mark a folder
        return False
    return (recursive or not folder) and (wildcard is None or matches(last, wildcard))


def matches(name: str, wildcard: str) -> bool:
    """Whether a file's name is what a wildcard stands for: * for any text, ? for one letter, ^ takes them literally."""
    pieces = re.findall(r"\^(.)|([*?])|(.)", wildcard, re.DOTALL)
    marks = {"*": ".*", "?": "."}
    pattern = "".join(marks[mark] if mark else re.escape(escaped or letter) for escaped, mark, letter in pieces)
    return re.fullmatch(pattern, name, re.DOTALL) is not None


def sink_name(path: str, below: str, flat: bool) -> str:
    """A file's path below the sink's folder, from its `path` in the source and the part `below` the source's folder.

    Flat names are made up, as Data Factory's are, but the same for the same path: a second run replaces the first's.
    """
    return f"data_{uuid5(NAMESPACE_URL, path)}{PurePosixPath(path).suffix}" if flat else below
