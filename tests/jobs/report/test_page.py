"""The page of a search: it shows the pixels of the lake's pictures and nothing else of their files."""

import re
from pathlib import Path

from jobs.report.page import Page, write_page
from jobs.search.run import Match, SearchResult
from jobs.storage import lake
from jobs.storage.client import lake_container, upload_blob
from jobs.target import Target


def result(query: Path, *names: str) -> SearchResult:
    matches = [Match(number, name, name.partition("/")[0], 0.1) for number, name in enumerate(names)]
    return SearchResult(query=str(query), k=5, place="lake", weights="imagenet", results=matches)


def test_pictures_come_from_the_lake(drawn_faces: Path, target: Target, tmp_path: Path) -> None:
    query = next(drawn_faces.rglob("*.jpg"))
    container = lake_container(target)
    upload_blob(container, lake.PICTURES + "happy/there.jpg", query.read_bytes())
    upload_blob(container, lake.PICTURES + "happy/broken.jpg", b"<svg onload=alert(1)>")
    search = result(query, "happy/there.jpg", "happy/broken.jpg", "sad/gone.jpg")
    path = write_page(target, search, Page(title="Faces & <more>"), tmp_path / "new" / "folder")
    html = path.read_text(encoding="utf-8")
    assert html.count("data:image/png;base64,") == 2  # the query and the one that exists
    assert html.count("no picture in the lake") == 2
    assert "onload" not in html
    assert html.count('<li class="match') == 3 and "distance 0.100" in html  # the application's own part
    assert not re.findall(r"<script|<link|<a |url\(|src=\"(?!data:)", html)  # nothing outside the file
    assert "Faces &amp; &lt;more&gt;" in html
