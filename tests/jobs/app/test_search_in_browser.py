"""The search page as a person uses it, in a real browser: with a mouse, without one, and without JavaScript."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.jobs.app.axe import SMALL, check_accessible, check_small
from tests.jobs.app.watched import watch
from tests.jobs.served import Served

FACE = "happy/face_00002.jpg"
RESULTS = re.compile("^Results, 10 nearest in the lake")
PASTE = """async (bytes) => {
    const files = new DataTransfer();
    files.items.add(new File([new Uint8Array(bytes)], "a.jpg", {type: "image/jpeg"}));
    const target = document.querySelector("[data-give]");
    if (window.dropped) target.dispatchEvent(new DragEvent("drop", {dataTransfer: files, bubbles: true}));
    else document.dispatchEvent(new ClipboardEvent("paste", {clipboardData: files}));
}"""

HEARD = r"""
- listitem:
  - paragraph: /{} \w+/
  - paragraph: /distance \d\.\d\d\d/
  - paragraph: /\w+\/face_\d+\.jpg/
  {}
"""


def first_path(page: Page) -> str:
    return page.get_by_role("region", name=RESULTS).get_by_role("listitem").first.locator(".path").inner_text()


def search(page: Page) -> None:
    page.get_by_role("button", name="Search", exact=True).click()
    expect(page.get_by_role("region", name=RESULTS)).to_be_visible()


def test_a_chosen_picture_is_found_and_the_focus_is_on_the_results(page: Page, many_faces: Path) -> None:
    page.get_by_label("Choose a picture").set_input_files(many_faces / "train" / FACE)
    expect(page.get_by_role("application", name=re.compile("The cut"))).to_be_focused()
    search(page)
    expect(page.get_by_role("heading", name="The lake")).to_be_focused()
    assert first_path(page) == FACE
    expect(page.get_by_role("status").filter(has_text="10 found in")).to_be_visible()
    assert "/search?given=" in page.url
    check_accessible(page)


@pytest.mark.parametrize("way", ["drop", "paste"])
def test_a_picture_is_dropped_or_pasted(page: Page, many_faces: Path, way: str) -> None:
    page.evaluate(f"window.dropped = {'true' if way == 'drop' else 'false'}")
    page.evaluate(PASTE, list((many_faces / "train" / FACE).read_bytes()))
    expect(page.get_by_role("application", name=re.compile("The cut"))).to_be_visible()
    search(page)
    assert first_path(page) == FACE


def test_a_picture_is_taken_with_the_camera(page: Page) -> None:
    page.get_by_role("button", name="Camera").click()
    page.get_by_role("button", name="Take the picture").click()
    expect(page.get_by_role("application", name=re.compile("The cut"))).to_be_visible()
    search(page)


def test_one_at_random_then_the_next_query_back_reload_and_a_second_tab(page: Page) -> None:
    page.get_by_role("link", name="One at random").click()
    region = page.get_by_role("region", name=RESULTS)
    expect(region).to_contain_text("the picture itself")
    first = page.url
    names = region.locator(".match .path").all_inner_texts()
    region.get_by_role("link", name="Search with this picture").nth(2).click()
    expect(page).not_to_have_url(first)
    page.go_back()
    expect(page).to_have_url(first)
    page.reload()
    assert region.locator(".match .path").all_inner_texts() == names
    second = page.context.new_page()
    second.goto(first)
    assert second.get_by_role("region", name=RESULTS).locator(".match .path").all_inner_texts() == names
    with page.expect_download() as saved:
        page.get_by_role("link", name="CSV").click()
    lines = Path(saved.value.path()).read_text().splitlines()[1:]
    assert [line.split(",")[3] for line in lines] == names


def test_a_filter_and_two_places(page: Page) -> None:
    page.goto(page.url.split("/search")[0] + "/search?id=5&k=10")
    page.get_by_label("How many pictures").fill("4")
    page.get_by_label("Emotion").select_option("sad")
    page.get_by_label("The database").check()
    page.get_by_role("button", name="Search again").click()
    expect(page.get_by_role("heading", name="The database")).to_be_visible()
    assert "k=4&emotion=sad&place=lake&place=database" in page.url
    for region in page.get_by_role("region", name=re.compile("^Results, 4 nearest")).all():
        assert region.locator(".facts .emotion").all_inner_texts() == ["sad"] * 4


def test_a_picture_is_cut_by_keys_and_the_cut_is_what_is_sent(page: Page, many_faces: Path) -> None:
    page.get_by_label("Choose a picture").set_input_files(many_faces / "train" / FACE)
    cut = page.get_by_role("application", name=re.compile("The cut"))
    expect(cut).to_be_focused()
    size = page.get_by_label("Size of the cut")
    before = int(float(size.input_value()))
    for _ in range(15):
        page.keyboard.press("+")
    page.keyboard.press("ArrowRight")
    assert int(float(size.input_value())) < before
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    search(page)
    sent = page.get_by_role("img", name="the picture searched for")
    assert sent.evaluate("image => image.naturalWidth") < before


def test_everything_works_without_a_mouse(page: Page, many_faces: Path) -> None:
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.get_by_role("link", name="One at random").evaluate("each => each === document.activeElement"):
            break
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="The lake")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="The lake")).to_be_focused()


def test_without_javascript_the_plain_form_takes_the_whole_picture(
    browser: Browser, application: Served, many_faces: Path
) -> None:
    for page in watch(browser, application, java_script_enabled=False):
        page.get_by_label("Choose a picture").set_input_files(many_faces / "train" / FACE)
        search(page)
        assert first_path(page) == FACE


def test_spanish_by_the_browsers_choice_and_by_the_switch(browser: Browser, application: Served) -> None:
    for page in watch(browser, application, locale="es-ES"):
        page.goto(application.url + "/search?id=5")
        expect(page.get_by_role("heading", level=1)).to_have_text("Buscar por imagen")
        expect(page.get_by_role("region", name=re.compile("^Resultados, 10 más cercanas en el lago"))).to_be_visible()
        check_accessible(page)
        page.get_by_role("button", name="English").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Search by picture")
        assert page.url.endswith("/search?id=5")


def test_pages_are_accessible_and_fit_360_pixels(browser: Browser, application: Served) -> None:
    for page in watch(browser, application, viewport=SMALL):
        for path in ("/search", "/search?id=5&place=lake&place=database", "/work"):
            answer = page.goto(application.url + path)
            assert answer and answer.status == 200
            check_small(page)


def test_what_is_heard(page: Page, application: Served) -> None:
    page.goto(application.url + "/search?id=5&k=3")
    region = page.get_by_role(
        "region", name=re.compile(r"^Results, 3 nearest in the lake, \d of 2 \w+, chance [\d.]+$")
    )
    expect(region.get_by_role("listitem")).to_have_count(3)
    expect(region.get_by_role("listitem").first).to_match_aria_snapshot(
        HEARD.format(1, "- paragraph: the picture itself")
    )
    link = '- link "Search with this picture"'
    expect(region.get_by_role("listitem").nth(1)).to_match_aria_snapshot(HEARD.format(2, link))
