"""The templates of the pages, and of the report of a search. Imports no web server."""

from collections.abc import Mapping

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from jobs import PROJECT
from jobs.lines import escape_name

SHAPES = 7


def capitalize_first(text: str) -> str:
    """The text with its first letter in upper case, all others as they are."""
    return text[:1].upper() + text[1:]


def break_path(path: str) -> Markup:
    """A path of others, which may be broken after a slash."""
    return Markup("/<wbr>").join(escape_name(path).split("/"))


def shape_numbers(counts: Mapping[str, int]) -> dict[str, int]:
    """The number of the shape and colour of each emotion: the most frequent have their own, the others the last."""
    by_count = sorted(counts, key=lambda emotion: (-counts[emotion], emotion))
    return {emotion: min(number, SHAPES) for number, emotion in enumerate(by_count)}


TEMPLATES = Environment(
    loader=FileSystemLoader(PROJECT / "jobs" / "app" / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
TEMPLATES.filters.update(capitalize_first=capitalize_first, path=break_path, name=escape_name)  # for names of others
