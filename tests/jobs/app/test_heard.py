"""What is heard of the pages, as the files in `heard/` keep it; and with WRITE_PICTURES the README's pictures of them.

WRITE_HEARD=1 writes the files. Numbers, emotions and paths differ with the pictures: the files have words for them.
"""

import io
import os
import re
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from jobs.explore.layout import FEWEST
from jobs.pictures.sample import FEATURES
from tests.jobs.cli_process import wait_for
from tests.jobs.served import WRITE_PICTURES, Served

FOLDER = Path(__file__).parent / "heard"
PICTURES = Path(__file__).parents[3] / "docs" / "pictures"
PAGES = {
    "search": "/search",
    "results": "/search?id=5&k=6&place=lake&place=database",
    "map": "/explore",
    "flow": "/flow",
}
PAINTED = ("results", "map")  # in the README
COLOURS = 128
SAME = (
    (r"\w+/face_\d+\.jpg", "PATH"),
    (rf"\b({'|'.join(FEATURES)})\b", "EMOTION"),
    (r"PCA|neighbors \(t-SNE\)", "METHOD"),
    (r"random-[0-9a-f]{12}\.pt", "WEIGHTS"),
    (r"(?<!level=)(\b\d[\d.,]*\d\b|\b\d\b)", "N"),
    (r"(?m)(^( *)- listitem:\n(?:^\2 .*\n)+)\1+", r"\1\2- listitem, and so on\n"),
    (r'(?s)\n  - region "Last pipeline runs":.*', ""),  # what ran before this test
)


KEEP_STATUS = """() => new MutationObserver(([change]) => sessionStorage.setItem("said", change.target.textContent))
    .observe(document.querySelector("[data-status]"), {childList: true})"""


def heard(page: Page) -> str:
    """The accessibility tree of the main part; the numbers and names of these pictures replaced."""
    text = page.get_by_role("main").aria_snapshot() + "\n"
    for pattern, word in SAME:
        text = re.sub(pattern, word, text)
    return text.rstrip() + "\n"


def open_page(page: Page, application: Served, name: str) -> None:
    if name == "map":
        explorer, lake = application.state.explorer, application.desk.lake()
        complete = "neighbours" if len(lake.ids) >= FEWEST else "pca"
        wait_for(lambda: getattr(explorer.current(), "map", "") == complete, lambda: str(explorer.error))
    page.goto(application.url + PAGES[name])
    if name == "map":
        expect(page.locator("[data-map]")).to_have_attribute("data-ready", "yes")


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_heard_as_its_file_says(page: Page, application: Served, name: str) -> None:
    page.set_viewport_size({"width": 1200, "height": 900})
    open_page(page, application, name)
    found, file = heard(page), FOLDER / f"{name}.yml"
    if "WRITE_HEARD" in os.environ:
        file.write_text(found, encoding="utf-8")
    assert found == file.read_text(encoding="utf-8")
    if WRITE_PICTURES in os.environ and name in PAINTED:
        paint(page, name)


def paint(page: Page, name: str) -> None:
    """Write the picture of a page into docs/pictures, small."""
    page.wait_for_load_state("networkidle")
    whole = Image.open(io.BytesIO(page.screenshot()))
    PICTURES.mkdir(exist_ok=True)
    whole.convert("RGB").quantize(COLOURS).save(PICTURES / f"{name}.png", optimize=True)


def test_while_it_works_it_says_so(page: Page, application: Served, many_faces: Path) -> None:
    page.goto(application.url + "/search")
    page.get_by_label("Choose a picture").set_input_files(next(iter(sorted(many_faces.rglob("*.jpg")))))
    expect(page.get_by_role("application", name=re.compile("The cut"))).to_be_focused()
    page.evaluate(KEEP_STATUS)
    page.get_by_role("button", name="Search", exact=True).click()
    expect(page.get_by_role("status").filter(has_text=re.compile("10 found in [\\d.,]+ milliseconds"))).to_be_visible()
    assert page.evaluate("sessionStorage.getItem('said')") == "Searching"
