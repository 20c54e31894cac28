"""Emotions and paths are data on every page and in every file, whatever they are."""

import csv
import io
import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from playwright.sync_api import Browser, expect

from jobs.search.faiss_search import LakePlace
from tests.jobs.app.watched import watch
from tests.jobs.cli_process import wait_for
from tests.jobs.served import Served

MARKUP = "<img src=x onerror=alert(1)>\"'&</option></script><script>alert(2)</script>"
FORMULA = '=HYPERLINK("http://evil.example")'
CONTROL = "a\x1b[31m\r\nSet-Cookie: x=1\u202egpj"
NAMES = (MARKUP, FORMULA, CONTROL, "{{ 7 * 7 }}", "../../../etc/passwd", "-1+1")


@pytest.fixture
def hostile(application: Served) -> Iterator[Served]:
    """The application, whose lake has these emotions and paths."""
    place = application.desk.searcher.place("lake")
    assert isinstance(place, LakePlace)
    lake = place.current()
    names = [NAMES[number % len(NAMES)] for number in range(len(lake.ids))]
    paths = [f"{name}/{name}{number}.jpg" for number, name in enumerate(names)]
    index = replace(lake.index, etag='"hostile"')
    place._current = replace(lake, index=index, emotions=np.array(names, dtype=object), filepaths=paths)
    checked, place._checked = place._checked, math.inf
    wait_for(lambda: application.get("/points").status_code == 200, lambda: application.get("/points").text)
    yield application
    place._current, place._checked = lake, checked


VIEWS = ("/search?id=5", "/explore", "/explore?view=duplicates&near=100", "/explore?view=labels")


@pytest.mark.parametrize("path", [*VIEWS, "/explore?view=confusion"])
def test_names_are_text_on_every_page(browser: Browser, hostile: Served, path: str) -> None:
    for page in watch(browser, hostile):
        page.on("dialog", lambda dialog: pytest.fail(dialog.message))
        page.route("**/pictures/*.png", lambda route: route.fulfill(status=200, body=b"", content_type="image/png"))
        page.goto(hostile.url + path)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        expect(page.get_by_text("{{ 7 * 7 }}").first).to_be_attached()
        assert page.locator("[onerror], script:not([src])").count() == 0
        seen = page.inner_text("body")
        assert "\x1b" not in seen and "\u202e" not in seen


def test_no_cell_of_a_file_is_a_formula(hostile: Served) -> None:
    for path in ("/search?id=5&k=50&as=csv", "/explore?as=csv"):
        cells = [cell for row in csv.reader(io.StringIO(hostile.get(path).text)) for cell in row]
        assert any(FORMULA in cell for cell in cells)
        assert not [cell for cell in cells if cell.startswith(("=", "+", "@", "\t", "\r", "-1+"))]


def test_json_and_addresses_hold_the_names_as_they_are(hostile: Served) -> None:
    lake = hostile.desk.lake()
    results = hostile.get("/search?id=5&k=50&as=json").json()["results"]
    assert {match["emotion"] for match in results} <= set(NAMES)
    found = hostile.get("/points/5")
    assert found.json()["filepath"] == lake.filepaths[lake.positions[5]]
    for name in NAMES:
        answer = hostile.get("/search", params={"id": "5", "k": "3", "emotion": name, "as": "json"})
        assert {match["emotion"] for match in answer.json()["results"]} == {name}
        assert "Set-Cookie" not in answer.headers and "x=1" not in str(answer.headers)


def test_a_path_that_leaves_the_lake_shows_no_picture(hostile: Served) -> None:
    lake = hostile.desk.lake()
    for number, path in enumerate(lake.filepaths[:12]):
        assert hostile.get(f"/pictures/{int(lake.ids[number])}.png").status_code == 404, path
