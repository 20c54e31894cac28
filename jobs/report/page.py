"""The page that shows a search, and for the demo the whole flow: one HTML file that contains the pictures.

The pictures are read from the lake, not from the folder that they were uploaded from.
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from jobs.lines import escape_name
from jobs.search.run import SearchResult
from jobs.storage import lake
from jobs.storage.client import lake_container, translate_storage_errors
from jobs.target import Target
from jobs.thumbnail import file_thumbnail, lake_thumbnail


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step of the flow: what it did, in a few words, and how long it took."""

    title: str
    did: str
    seconds: float


@dataclass(frozen=True, kw_only=True)
class Page:
    """What the page shows besides the search. `warning` is at the top if it is not empty."""

    title: str
    steps: Sequence[Step] = ()
    warning: str = ""
    note: str = ""


def write_page(target: Target, result: SearchResult, page: Page, directory: Path) -> Path:
    """Write index.html into the directory; returns its path."""
    container = lake_container(target)
    with translate_storage_errors(container):
        matches = [
            {
                "match": match,
                "picture": data_url(lake_thumbnail(container, match.filepath)),
                "place": lake.picture_prefix(target),
            }
            for match in result.results
        ]
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        finalize=lambda value: escape_name(value) if isinstance(value, str) else value,
    )
    query = data_url(file_thumbnail(Path(result.query).read_bytes()))
    html = environment.get_template("page.html").render(page=page, result=result, matches=matches, query=query)
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / "index.html"
    path.write_text(html, encoding="utf-8")
    return path


def data_url(png: bytes | None) -> str | None:
    """A PNG as a data: URL, so that a page contains only pixels. None without one."""
    return None if png is None else "data:image/png;base64," + base64.b64encode(png).decode()
