"""The interactive chat: its commands change the next request, and what goes wrong does not end it."""

import json
import time
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
from tests.azure_fakes.openai_models import Models, refusal
from tests.azure_fakes.openai_replies import Say
from tests.fake_programs import FakeProgram
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


def test_a_token_that_ends_in_a_long_chat_is_renewed(
    models: Models, talk: Callable[[list[str]], str], az: FakeProgram
) -> None:
    tokens = [{"accessToken": name, "expires_on": time.time() + 60, "tokenType": "Bearer"} for name in ("one", "two")]
    az.set_output("account get-access-token", tokens[0])
    az.add_output(json.dumps(tokens[1]))
    models.replies += [refusal(401, "401", "The token has expired."), Say("ok")]
    talk(["first", "second"])
    assert models.tokens == ["Bearer one", "Bearer two"]


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
    models: Models, talk: Callable[[list[str]], str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    models.refuses = ("input",)
    wrong = {
        "/nothing": "/help lists them",
        "/": "/ is not a command",
        "/system @none.txt": "no file none.txt",
        "/safety fire": "'fire' is not one of",
        "/example hi": "QUESTION => ANSWER",
        "/set x=1": "not a parameter",
        "/set top-p=a": "a number from 0 to 1, not 'a'",
        "/set temperature=9": "a number from 0 to 2, not '9'",
        "/set temperature=nan": "not 'nan'",
        "/set max_tokens=0": "a whole number from 1, not '0'",
        "/set reasoning=fast": "one of none, low",
        "/set stop=": "stop is a text",
        "/data maybe": "on or off",
        "/picture none.jpg": "no picture",
        "/picture .": "no picture",
        "/code": "no question",
        "/save": "Name the file",
        f"/save {tmp_path / 'file' / 'a.md'}": "file",
        "/var": "NAME=VALUE",
        "{{a}}": "no value",
        "x": "'input'",
    }
    talk(list(wrong))
    said = capsys.readouterr().err.splitlines()
    assert len(said) == len(wrong)
    for (line, part), sentence in zip(wrong.items(), said, strict=True):
        assert part in sentence, (line, sentence)


def test_ctrl_c_at_the_prompt_does_not_end_the_chat_and_the_end_of_the_input_does(
    models: Models, services: Target, capsys: pytest.CaptureFixture[str]
) -> None:
    conversation = Conversation(Engine("x", lambda turn: iter(())), Settings(), Context(services, "", Search(query="")))
    typed = [KeyboardInterrupt(), "/help", EOFError()]

    def read() -> str:
        line = typed.pop(0)
        if isinstance(line, BaseException):
            raise line
        return line

    shown: list[str] = []
    Talk(conversation, shown.append, lambda each: None).run(read)
    assert "/exit ends the chat" in capsys.readouterr().err and "/picture FILE" in shown[0] and not typed


@pytest.mark.parametrize(("most", "sent"), [(None, 3), (0, 0), (1, 1), (2, 2), (3, 3), (5, 3), (99, 3)])
def test_history_is_how_many_earlier_questions_go_along(
    models: Models, services: Target, most: int | None, sent: int
) -> None:
    turns: list[Turn] = []

    def answer(turn: Turn) -> Iterator[Event]:
        turns.append(turn)
        yield Done([assistant_item("ok")])

    conversation = Conversation(Engine("x", answer), Settings(history=most), Context(services, "", Search(query="")))
    for question in ("one", "two", "three", "four"):
        conversation.ask(question)
    asked = [item["content"] for item in turns[-1].items if item["role"] == "user"]
    assert asked == ["one", "two", "three", "four"][3 - sent :]


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
