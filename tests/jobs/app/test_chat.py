"""The chat page: the answers of `jobs chat`, streamed, as text; and what a played model may not do."""

import json
import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from jobs.app.talks import Talk
from jobs.errors import JobError
from tests.jobs.app.axe import SMALL, check_small
from tests.jobs.app.watched import watch
from tests.jobs.cli_process import run_jobs
from tests.jobs.served import Served

SAD = "how many sad faces are there?"
HOSTILE = "<img src=x onerror=alert(1)> ![x](http://evil.example/x.png) [y](http://evil.example)"


@pytest.fixture
def documents(application: Served, tmp_path: Path) -> Iterator[None]:
    """A document about a hostile mark."""
    file = tmp_path / "marks.md"
    file.write_text(f"# Marks\n\nThe mark of the gate is {HOSTILE} and no other.\n")
    assert run_jobs("documents", "add", str(file), "--embed-model", "words").returncode == 0
    yield
    assert run_jobs("documents", "remove", "marks.md").returncode == 0


def ask(page: Page, question: str) -> None:
    page.get_by_label("Your question").fill(question)
    page.get_by_role("button", name="Ask", exact=True).click()


def test_a_question_is_answered_as_by_the_command_and_the_focus_is_on_it(page: Page, application: Served) -> None:
    page.get_by_role("link", name="Chat").click()
    expect(page.get_by_text("Nothing leaves this computer.")).to_be_visible()
    ask(page, SAD)
    expect(page.locator("#latest")).to_be_focused()
    command = json.loads(run_jobs("chat", "ask", SAD, "--json").stdout)
    assert page.locator("#latest .said").inner_text().strip() == command["answer"].strip()
    expect(page.locator("#latest")).not_to_contain_text("Left out")
    expect(page.locator("#latest")).to_contain_text('count_by_emotion({"emotions": ["sad"]})')
    page.set_viewport_size(SMALL)
    check_small(page)
    page.get_by_role("button", name="New conversation").click()
    expect(page.get_by_role("list", name="Conversation").get_by_role("listitem")).to_have_count(0)


def test_pictures_are_shown_and_lead_to_a_search(page: Page, application: Served) -> None:
    page.goto(application.url + "/chat")
    ask(page, "faces like 5")
    latest = page.locator("#latest")
    expect(latest.get_by_role("link", name=re.compile("^Find similar"))).not_to_have_count(0)
    ids = [int(each) for each in re.findall(r"/pictures/(\d+)\.png", latest.inner_html())]
    assert ids and set(ids) <= set(application.desk.lake().ids.tolist())


def test_without_javascript_the_answer_comes_whole(browser: Browser, application: Served) -> None:
    for page in watch(browser, application, java_script_enabled=False, locale="es-ES"):
        page.goto(application.url + "/chat")
        page.get_by_label("Tu pregunta").fill("¿Cuántas caras tristes hay?")
        page.get_by_role("button", name="Preguntar").click()
        expect(page.locator("#latest .said")).to_contain_text("Ningún modelo de lenguaje")


def test_what_documents_say_is_text_and_a_citation_opens_its_passage(
    page: Page, application: Served, documents: None
) -> None:
    page.goto(application.url + "/chat")
    ask(page, "what is the mark of the gate?")
    latest = page.locator("#latest")
    expect(latest.locator(".said")).to_contain_text(HOSTILE[:20])
    expect(latest.locator("blockquote")).to_be_hidden()
    latest.get_by_text("[1] marks.md").click()
    expect(latest.locator("blockquote")).to_contain_text(HOSTILE)
    assert latest.locator("img").count() == 0 and latest.locator("a").count() == 0


@pytest.mark.parametrize("question", ["", "   ", "x" * 8001])
def test_a_question_has_a_length(application: Served, question: str) -> None:
    answer = application.post("/chat", {"question": question})
    assert answer.status_code == 400 and "question must be" in answer.text


def test_the_parts_are_the_answer_and_each_browser_has_its_own(application: Served) -> None:
    other = Served(application.url, application.access, application.desk, application.work).log_in()
    parts = other.post("/chat", {"question": SAD, "stream": "yes"}).text
    text = other.get("/chat").text
    assert "70 pictures are sad" in parts and "70 pictures are sad" in text
    third = Served(application.url, application.access, application.desk, application.work).log_in()
    assert SAD not in third.get("/chat").text
    assert application.session.post(application.url + "/chat", {"question": SAD}).status_code == 403


def test_one_question_at_a_time(application: Served) -> None:
    may = threading.Event()

    class Waiting:
        """A conversation that answers when it may."""

        def ask(self, question: str, show: Callable[[str], None]) -> None:
            may.wait()
            show("sad")

    target = application.desk.target
    assert target
    talk = Talk(Waiting(), target)  # type: ignore[arg-type]
    parts = talk.ask(SAD)
    with pytest.raises(JobError, match="still being answered"):
        talk.ask(SAD)
    may.set()
    assert "".join(parts) == "sad" and [each.text for each in talk.exchanges] == ["sad"]
