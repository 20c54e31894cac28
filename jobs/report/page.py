"""The page that shows a search, and for the demo the whole flow: one HTML file that contains the pictures.

It is built of the application's own parts. The pictures are read from the lake, not from the folder that they were
uploaded from.
"""

import base64
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from jobs import PROJECT
from jobs.app.templating import TEMPLATES, shape_numbers
from jobs.app.words import Words
from jobs.search.run import Match, SearchResult
from jobs.storage.client import lake_container, translate_storage_errors
from jobs.target import Target
from jobs.thumbnail import file_thumbnail, lake_thumbnail

STATIC = PROJECT / "jobs" / "app" / "static"
STYLES = ("page.css", "parts.css")


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
    html = TEMPLATES.get_template("report.html").render(
        t=Words("en"),
        style="\n".join((STATIC / name).read_text(encoding="utf-8") for name in STYLES),
        page=page,
        result=result,
        query=data_url(file_thumbnail(Path(result.query).read_bytes())),
        picture=lake_pictures(target, result.results).get,
        search=lambda match: None,  # a file leads to no other search
        shapes=shape_numbers(Counter(match.emotion for match in result.results)),
        farthest=max((match.distance for match in result.results), default=0.0),
    )
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / "index.html"
    path.write_text(html, encoding="utf-8")
    return path


def lake_pictures(target: Target, matches: Sequence[Match]) -> dict[Match, str | None]:
    """The data: URL of each match's picture in the lake; None where the lake has none that can be shown."""
    container = lake_container(target)
    with translate_storage_errors(container):
        return {match: data_url(lake_thumbnail(container, match.filepath)) for match in matches}


def data_url(png: bytes | None) -> str | None:
    """A PNG as a data: URL, so that a page contains only pixels. None without one."""
    return None if png is None else "data:image/png;base64," + base64.b64encode(png).decode()
