"""The interactive chat: its commands change the next request, and what goes wrong does not end it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from jobs.assistant.chat import Conversation, Engine, Settings
from jobs.assistant.conversation import Done, Event, Text, Turn, assistant_item
from jobs.assistant.responses import Responses
from jobs.assistant.talk import Talk
from jobs.azure.openai import OPENAI_SCOPE, Connection
from jobs.documents.search import Search
from jobs.entry import main
from jobs.target import Target
from jobs.tools.tool import Context
from tests.azure_fakes.openai_models import Models
from tests.azure_fakes.openai_replies import Say
from tests.jobs.assistant.conftest import HOST


@pytest.fixture
def talk(models: Models, services: Target) -> Iterator[Callable[[list[str]], str]]:
    """A function that types lines, and returns what was shown."""
    connection = Connection(f"https://{HOST}/openai/v1/", OPENAI_SCOPE, "dev")
    conversation = Conversation(
        Engine("responses", Responses(connection), "chat"), Settings(), Context(services, "dev", Search(query=""))
    )
    shown: list[str] = []

    def type_lines(lines: list[str]) -> str:
        rest = iter([*lines, "/exit"])
        Talk(conversation, shown.append, lambda each: None).run(lambda: next(rest))
        return "".join(shown)

    yield type_lines


def test_the_whole_conversation_goes_along_until_reset(models: Models, talk: Callable[[list[str]], str]) -> None:
    models.replies += [Say("One."), Say("Two."), Say("Three.")]
    assert "Two." in talk(["first", "second", "/reset", "third"])
    inputs = [[item.get("content") for item in body["input"] if item.get("role") == "user"] for body in models.bodies]
    assert inputs == [["first"], ["first", "second"], ["third"]]


def test_commands_change_the_next_request(models: Models, talk: Callable[[list[str]], str], tmp_path: Path) -> None:
    models.replies += [Say("One."), Say("Two.")]
    file = tmp_path / "chat.md"
    shown = talk(
        [
            "/system You are {{who}}.",
            "/var who=a pirate",
            "/example hi => arr",
            "/set temperature=0.2",
            "/tools on",
            "a question",
            "/set temperature=off",
            "/tools off",
            "another",
            "/usage",
            "/code",
            f"/save {file}",
            "/help",
        ]
    )
    first, second = models.bodies
    assert (first["instructions"].splitlines()[0], first["temperature"], len(first["tools"])) == (
        "You are a pirate.",
        0.2,
        5,
    )
    assert first["input"][:2] == [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "arr"}]
    assert "temperature" not in second and "tools" not in second
    assert "200 tokens in" in shown and "client.responses.create" in shown and "/picture FILE" in shown
    assert "## a question\n\nOne." in file.read_text()


def test_what_goes_wrong_is_a_sentence_and_the_chat_goes_on(
    models: Models, talk: Callable[[list[str]], str], capsys: pytest.CaptureFixture[str]
) -> None:
    models.refuses = ("input",)
    lines = ["/nothing", "/set x=1", "/set top-p=a", "/data maybe", "/picture none.jpg", "/code", "/var", "{{a}}", "x"]
    talk(lines)
    said = capsys.readouterr().err
    for part in (
        "/nothing",
        "not a parameter",
        "not a number",
        "on or off",
        "no picture",
        "no question",
        "no value",
        "'input'",
    ):
        assert part in said


def test_ctrl_c_ends_the_answer_and_not_the_chat(services: Target, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupted(turn: Turn) -> Iterator[Event]:
        yield Text("Half")
        if turn.items[-1]["content"] == "first":
            raise KeyboardInterrupt
        yield Done([assistant_item("Half")])

    conversation = Conversation(Engine("x", interrupted), Settings(), Context(services, "", Search(query="")))
    rest = iter(["first", "second", "/exit"])
    Talk(conversation, lambda text: None, lambda each: None).run(lambda: next(rest))
    assert [each[0]["content"] for each in conversation.exchanges] == ["second"]
    assert "Stopped" in capsys.readouterr().err


def test_a_piped_question_is_asked(
    laptop: Target, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import io
    import sys

    monkeypatch.setattr(sys, "stdin", io.StringIO("how many faces are there?\n"))
    assert main(["chat"]) == 0
    assert "No language model wrote this answer" in capsys.readouterr().out
