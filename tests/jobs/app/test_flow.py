"""The flow page and the commands that it runs: the command line itself, one at a time, stopped as by Ctrl-C."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from jobs.app.desk import Desk, Setup, State
from jobs.app.flow import shown_commands
from jobs.app.work import Work
from tests.jobs.app.axe import SMALL, check_small
from tests.jobs.app.watched import watch
from tests.jobs.cli_process import wait_for
from tests.jobs.served import Served

STACK = Setup(target="dev")


def test_the_places_with_their_counts_and_the_files_of_the_lake(page: Page, application: Served) -> None:
    page.goto(application.url + "/flow")
    places = page.get_by_role("region", name="Places")
    servers = page.get_by_role("region", name="Servers")
    assert servers.get_by_text("running", exact=True).count() == 3
    assert places.get_by_text("70 rows").count() == 2 and places.get_by_text("70 pictures").count() == 2
    expect(places.get_by_text("70 vectors")).to_be_visible()
    expect(page.get_by_role("rowheader", name="index/fer2013/current.json")).to_be_visible()


def test_verify_at_a_click_then_a_pipeline_run(page: Page, application: Served) -> None:
    page.goto(application.url + "/flow")
    page.get_by_role("button", name="Compare all places").click()
    expect(page.get_by_text("All places agree.")).to_be_visible(timeout=90_000)
    page.get_by_role("link", name="Open the flow").click()
    page.get_by_role("button", name="Run the pipeline").click()
    expect(page.get_by_text(re.compile("Done after"))).to_be_visible(timeout=90_000)
    assert application.work.current and application.work.current.result["status"] == "Succeeded"
    wait_for(lambda: application.desk.state is State.ready, lambda: application.desk.error)


def test_a_command_is_stopped_and_a_second_start_finds_the_first(application: Served) -> None:
    application.post("/work", {"command": "verify"})
    first = application.work.current
    application.post("/work", {"command": "index"})
    assert first and application.work.current is first and first.command == "verify" and first.is_running
    assert "A command is running" in application.get("/search").text
    application.post("/work/stop", {})
    wait_for(lambda: not first.is_running, lambda: "\n".join(first.lines))
    assert first.status in (130, -2, -15) and "Stopped" in application.get("/work").text


@pytest.mark.parametrize("command", ["", "teardown", "pause", "verify --sample 0"])
def test_no_other_command_can_be_started(application: Served, command: str) -> None:
    before = application.work.current
    assert application.post("/work", {"command": command}).status_code == 400
    assert application.work.current is before


def test_a_failed_command_shows_its_sentence(application: Served) -> None:
    application.desk.setup = Setup(outputs=application.desk.own_folder / "nothing.json")
    try:
        run = application.work.start("verify")
        wait_for(lambda: not run.is_running, lambda: "\n".join(run.lines))
    finally:
        application.desk.setup = Setup()
    text = application.get("/work").text
    assert run.status == 1 and "There is no file" in text and "Traceback" not in text


def test_on_a_stack_the_page_only_reads_unless_operate_is_given(services: object) -> None:
    shown = dict(shown_commands(STACK))
    assert shown == {"verify": True, "index": False, "run-pipeline": False, "pause": False, "resume": False}
    work = Work(Desk(STACK))
    assert work.commands() == ("verify",) and work.words("verify") == ["verify", "--json", "--target", "dev"]
    assert set(Work(Desk(Setup(target="dev", operate=True))).commands()) == set(shown)


def test_the_page_is_accessible_and_fits_360_pixels(browser: Browser, application: Served) -> None:
    for page in watch(browser, application, viewport=SMALL):
        page.goto(application.url + "/flow")
        check_small(page)
