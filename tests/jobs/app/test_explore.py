"""The explore pages: the same ids as numpy's, by address, by mouse and by keys."""

import csv
import io
import re
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pyarrow.parquet as pq
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from jobs.app.selection import SIDE, ExploreAsked, inside, scale_places, select
from jobs.explore.exploration import Exploration, explore_collection
from jobs.storage.client import lake_container
from tests.jobs.app.axe import SMALL, check_small
from tests.jobs.app.watched import watch
from tests.jobs.cli_process import wait_for
from tests.jobs.served import Served

AREA = "0,0,40000,0,40000,40000,0,40000"


@pytest.fixture(scope="module")
def explored(application: Served) -> Exploration:
    """The exploration of the application's collection, which the page has computed too."""
    wait_for(lambda: application.get("/points").status_code == 200, lambda: application.get("/points").text)
    return explore_collection(lake_container(application.desk.target), application.desk.lake())  # type: ignore[arg-type]


@pytest.fixture
def atlas(page: Page, application: Served, explored: Exploration) -> Iterator[Page]:
    """The page with the map, drawn."""
    page.goto(application.url + "/explore")
    expect(page.locator("[data-map]")).to_have_attribute("data-ready", "yes")
    yield page


def canvas_of(page: Page) -> Locator:
    return page.get_by_role("img", name="Map of 70 pictures by PCA, 7 emotions")


def selected(page: Page, application: Served) -> set[int]:
    """The ids that the CSV of the page's selection has."""
    page.wait_for_url("**area=**")
    answer = application.get(page.url.removeprefix(application.url).partition("#")[0] + "&as=csv")
    return {int(row["id"]) for row in csv.DictReader(io.StringIO(answer.text))}


def by_numpy(found: Exploration, page: Page) -> set[int]:
    """The ids inside the area of the page's address, by winding angles."""
    area = parse_qs(urlsplit(page.url).query)["area"][0]
    corners = np.array(area.split(","), float).reshape(-1, 2)
    ids = set()
    for id, place in zip(found.collection.ids.tolist(), scale_places(found.places).astype(float), strict=True):
        angles = np.arctan2(*(corners - place).T[::-1])
        turns = np.angle(np.exp(1j * (np.roll(angles, -1) - angles))).sum()
        if abs(turns) > np.pi:
            ids.add(id)
    return ids


def test_points_are_one_binary_answer(application: Served, explored: Exploration) -> None:
    data = application.get(f"/points?area={AREA}").content
    count = len(data) // 14
    assert count == 70 and np.frombuffer(data, "<f8", count).tolist() == explored.collection.ids.tolist()
    places = scale_places(explored.places)
    assert (np.frombuffer(data, "<u2", count, 8 * count) == places[:, 0]).all()
    chosen = np.frombuffer(data, np.uint8, count, 13 * count)
    assert (chosen == ((places < 40000).all(axis=1))).mean() > 0.98


@pytest.mark.parametrize("query", ["", f"&area={AREA}", "&emotion=sad&emotion=happy", "&given=happy&said=sad"])
def test_a_selection_is_a_list_and_files_of_the_same_pictures(
    application: Served, explored: Exploration, query: str
) -> None:
    rows = list(csv.DictReader(io.StringIO(application.get(f"/explore?view=map{query}&as=csv").text)))
    table = pq.read_table(io.BytesIO(application.get(f"/explore?view=map{query}&as=parquet").content))
    assert [int(row["id"]) for row in rows] == table["id"].to_pylist()
    assert table.column_names == ["id", "filepath", "emotion", "x", "y", "neighbors"]
    text = application.get(f"/explore?view=map{query}").text
    assert f"Selected pictures: {len(rows)}" in text
    assert len(re.findall('<li class="match">', text)) == min(len(rows), 60)


def test_a_polygon_contains_what_it_should() -> None:
    random = np.random.default_rng(1)
    places = random.integers(0, SIDE, (500, 2)).astype(np.uint16)
    star = tuple(random.integers(0, SIDE, 14).tolist())
    corners = np.array(star, float).reshape(-1, 2)
    for place, found in zip(places.astype(float), inside(places, star), strict=True):
        crossings = sum(
            (a[1] > place[1]) != (b[1] > place[1])
            and place[0] < a[0] + (b[0] - a[0]) * (place[1] - a[1]) / (b[1] - a[1])
            for a, b in zip(corners, np.roll(corners, -1, axis=0), strict=True)
        )
        assert found == bool(crossings % 2)


def test_the_lasso_selects_what_numpy_does(atlas: Page, application: Served, explored: Exploration) -> None:
    atlas.get_by_role("button", name="Lasso").click()
    box = canvas_of(atlas).bounding_box()
    assert box
    atlas.mouse.move(box["x"] + 5, box["y"] + 5)
    atlas.mouse.down()
    for across, down in ((0.8, 0.02), (0.7, 0.6), (0.3, 0.8), (0.02, 0.5)):
        atlas.mouse.move(box["x"] + across * box["width"], box["y"] + down * box["height"], steps=8)
    atlas.mouse.up()
    found = selected(atlas, application)
    assert found == by_numpy(explored, atlas) and 0 < len(found) < 70
    expect(atlas.get_by_role("heading", name=f"Selected pictures: {len(found)}")).to_be_visible()


def test_a_lasso_that_encloses_nothing_says_so(atlas: Page) -> None:
    atlas.get_by_role("button", name="Lasso").click()
    canvas_of(atlas).click(position={"x": 20, "y": 20})
    expect(atlas.get_by_role("status")).to_have_text("That outline encloses nothing: draw around some pictures.")


def test_points_that_cannot_be_read_are_said(browser: Browser, application: Served, explored: Exploration) -> None:
    page = browser.new_page(locale="es-ES")
    page.route("**/points?*", lambda route: route.fulfill(status=503))
    page.goto(f"{application.url}/explore?token={application.access.token}")
    expect(page.get_by_role("status")).to_have_text("No se pudo leer el mapa: carga la página de nuevo.")
    page.close()


def test_two_clicks_make_a_rectangle(atlas: Page, application: Served, explored: Exploration) -> None:
    atlas.get_by_role("button", name="Rectangle").click()
    box = canvas_of(atlas).bounding_box()
    assert box
    canvas_of(atlas).click(position={"x": 20, "y": 20})
    expect(atlas.get_by_text("First corner set")).to_be_visible()
    canvas_of(atlas).click(position={"x": box["width"] * 0.6, "y": box["height"] * 0.7})
    found = selected(atlas, application)
    assert found == by_numpy(explored, atlas) and 0 < len(found) < 70


def test_keys_go_from_point_to_point_say_it_and_select(atlas: Page, application: Served, explored: Exploration) -> None:
    canvas_of(atlas).focus()
    said = []
    for key in ("ArrowRight", "ArrowUp", "ArrowRight"):
        atlas.keyboard.press(key)
        status = atlas.locator("[data-map] [data-status]")
        expect(status).to_have_text(re.compile(r"\w+, \w+/face_\d+\.jpg"))
        expect(status).not_to_have_text(said[-1] if said else "")
        said.append(status.inner_text())
    atlas.keyboard.press("Enter")
    for _ in range(3):
        atlas.keyboard.press("ArrowLeft")
        atlas.keyboard.press("ArrowDown")
    atlas.keyboard.press("Enter")
    found = selected(atlas, application)
    assert found == by_numpy(explored, atlas) and found


def test_hover_shows_picture_emotion_and_path(atlas: Page, explored: Exploration) -> None:
    box = canvas_of(atlas).bounding_box()
    assert box
    x, y = (scale_places(explored.places)[0] / SIDE).tolist()
    canvas_of(atlas).hover(position={"x": x * box["width"], "y": y * box["height"]})
    expect(atlas.locator("[data-what]")).to_have_text(re.compile(r"\w+, \w+/face_\d+\.jpg"))


def test_the_legend_selects_and_counts(atlas: Page) -> None:
    for emotion in ("happy", "neutral", "sad", "angry", "fear", "surprise"):
        atlas.get_by_role("checkbox", name=re.compile(f"^{emotion} ")).uncheck()
    atlas.get_by_role("button", name="Select these").click()
    expect(atlas.get_by_role("heading", name="Selected pictures: 1")).to_be_focused()
    expect(atlas.get_by_role("checkbox", name="happy 0 of 17")).to_be_visible()


def test_the_confusion_leads_to_its_pictures(page: Page, application: Served, explored: Exploration) -> None:
    page.goto(application.url + "/explore?view=confusion")
    cells = explored.confusion.cells
    row, column = np.argwhere(cells)[0].tolist()
    names = explored.collection.names
    page.get_by_role("link", name=f"{cells[row, column]} pictures labelled {names[row]}").first.click()
    chosen = select(explored, ExploreAsked(given=names[row], said=names[column]))
    expect(page.get_by_role("heading", name=f"Selected pictures: {len(chosen)}")).to_be_visible()


def test_views_are_accessible_and_fit_360_pixels(browser: Browser, application: Served, explored: Exploration) -> None:
    for page in watch(browser, application, viewport=SMALL):
        for view in ("map", "duplicates&near=25", "labels", "confusion"):
            page.goto(f"{application.url}/explore?view={view}")
            expect(page.get_by_role("heading", level=1)).to_have_text("Explore")
            check_small(page)
