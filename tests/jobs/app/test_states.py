"""Every state of the pages, light and dark: accessible, and no wider than 360 pixels."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page, expect

from jobs.app.desk import State
from jobs.app.work import Run, start_process
from tests.jobs.app.axe import SMALL, check_small
from tests.jobs.app.watched import watch
from tests.jobs.served import Served


@contextmanager
def desk_is(application: Served, state: State, error: str = "") -> Iterator[None]:
    desk = application.desk
    before, desk.state, desk.error = desk.state, state, error
    yield
    desk.state, desk.error = before, ""


@contextmanager
def exploring(application: Served) -> Iterator[None]:
    """While an exploration is computed."""
    explorer, lake = application.state.explorer, application.desk.lake()
    before = explorer._etag, explorer._found
    explorer._etag, explorer._found = lake.index.etag, None
    yield
    explorer._etag, explorer._found = before


@contextmanager
def command_ended(application: Served, status: int | None, result: dict[str, object]) -> Iterator[None]:
    """A command that runs (status None), or has ended."""
    process = start_process(["--help"], "")
    process.communicate()
    run = Run("verify", ["verify", "--json"], process, result=result, status=status)
    run.lines.append("Comparing 70 rows")
    before, application.work.current = application.work.current, run
    yield
    application.work.current = before


DIFFERENT: dict[str, object] = {"ok": False, "problems": ["the lake lacks happy/face_00002.jpg"]}
STATES: dict[str, tuple[str, str, Callable[[Served], object]]] = {
    "starting": ("/search", "Getting ready", lambda served: desk_is(served, State.starting)),
    "empty": ("/search", "Try it with drawn faces", lambda served: desk_is(served, State.empty)),
    "failed": (
        "/search",
        "The lake has no index",
        lambda served: desk_is(served, State.failed, "The lake has no index: run `python -m jobs index`."),
    ),
    "exploring": ("/explore", "Comparing every picture", exploring),
    "running": ("/work", "Running", lambda served: command_ended(served, None, {})),
    "differs": ("/work", "The places do not agree", lambda served: command_ended(served, 1, DIFFERENT)),
    "forgotten": ("/search?given=nobody", "was forgotten", lambda served: desk_is(served, State.ready)),
    "refused": ("/search?id=5&place=lake&place=azure-search", "pulumi", lambda served: desk_is(served, State.ready)),
    "wrong": ("/search?id=x", "id must be", lambda served: desk_is(served, State.ready)),
    "chat": ("/chat", "Your question", lambda served: desk_is(served, State.ready)),
}


@pytest.fixture(scope="module")
def small_page(browser: Browser, application: Served) -> Page:
    """A page of 360 pixels, for all states. What is wrong may be a line of its console."""
    page = browser.new_context(locale="en-US", viewport=SMALL).new_page()
    page.goto(application.token_url)
    return page


@pytest.mark.parametrize("name", STATES)
def test_a_state_is_accessible_and_fits_360_pixels_light_and_dark(
    small_page: Page, application: Served, name: str
) -> None:
    path, text, state = STATES[name]
    with state(application):  # type: ignore[attr-defined]
        small_page.goto(application.url + path)
        expect(small_page.get_by_text(text).first).to_be_visible()
        check_small(small_page)


def test_the_watch_of_the_other_tests_sees_a_console_line(browser: Browser, application: Served) -> None:
    with pytest.raises(AssertionError):
        for page in watch(browser, application):
            page.goto(application.url + "/search?id=x")  # its answer of 400 is a line of the console
            page.wait_for_load_state("networkidle")
