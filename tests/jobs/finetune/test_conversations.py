"""Conversations that can be used, and the reason of each that cannot."""

import json
from pathlib import Path

import pytest

from jobs.finetune.carried import conversations
from jobs.finetune.carried.conversations import (
    ConversationError,
    check_messages,
    check_turns,
    parse_line,
    read_conversations,
    read_lines,
    split_turns,
    write_line,
)

USER, ANSWER = {"role": "user", "content": "A?"}, {"role": "assistant", "content": "B."}
SYSTEM = {"role": "system", "content": "Be short."}


@pytest.mark.parametrize(
    "messages", [[USER, ANSWER], [SYSTEM, USER, ANSWER], [USER, ANSWER, USER, ANSWER], [USER, ANSWER, USER]]
)
def test_turns_alternate_after_a_system_message(messages: list[dict[str, str]]) -> None:
    assert check_messages(messages) == messages


@pytest.mark.parametrize(
    ("messages", "reason"),
    [
        ([], "no messages"),
        ("text", "no messages"),
        ([ANSWER, USER], "out of order"),
        ([USER, USER, ANSWER], "out of order"),
        ([USER, SYSTEM, ANSWER], "out of order"),
        ([SYSTEM], "out of order"),
        ([USER], "no turn of the assistant"),
        ([SYSTEM, USER], "no turn of the assistant"),
        ([{"role": "tool", "content": "x"}, ANSWER], "role 'tool'"),
        ([USER, {"role": "assistant", "content": " \n"}], "message 2 is empty"),
        ([USER, {"role": "assistant", "content": None}], "message 2 is not a text"),
        ([USER, {"role": "assistant", "content": ["B"]}], "message 2 is not a text"),
        ([USER, {"role": "assistant"}], "message 2 has no"),
        ([USER, "B"], "message 2 has no"),
        ([{"role": "user", "content": "\ud800"}, ANSWER], "not valid Unicode"),
    ],
)
def test_each_fault_has_its_reason(messages: object, reason: str) -> None:
    with pytest.raises(ConversationError, match=reason):
        check_messages(messages)


def test_a_question_without_an_answer_yet_is_a_turn() -> None:
    assert check_turns([USER]) == [USER]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"{", "not valid JSON"),
        (b"\xff{}", "not UTF-8"),
        (b"[]", "no `messages`"),
        (b'{"text": "x"}', "no `messages`"),
        (b"[" * 200_000, "not valid JSON"),
        (b'"' + b"x" * conversations.MOST_BYTES + b'"', "longer than 8 MiB"),
    ],
)
def test_a_line_that_is_not_a_conversation(line: bytes, reason: str) -> None:
    with pytest.raises(ConversationError, match=reason):
        parse_line(line)


def test_a_line_is_written_in_the_schema_of_ultrachat_and_read_again() -> None:
    messages = [USER | {"content": "¿Qué? <b>&\u2028"}, ANSWER]
    line = write_line(messages)
    row = json.loads(line)
    assert list(row) == ["prompt", "prompt_id", "messages"] and row["prompt"] == messages[0]["content"]
    assert line.count(b"\n") == 1 and parse_line(line) == messages


def test_each_turn_of_the_assistant_is_an_example() -> None:
    turns = list(split_turns([SYSTEM, USER, ANSWER, USER, ANSWER]))
    assert [(len(prompt), answer) for prompt, answer in turns] == [(2, ANSWER), (4, ANSWER)]


def test_lines_are_numbered_from_one_and_blank_ones_counted(tmp_path: Path) -> None:
    file = tmp_path / "rows.jsonl"
    file.write_bytes(b"\xef\xbb\xbf{}\r\n\n  \nlast")
    assert list(read_lines(file)) == [(1, b"{}\r\n"), (4, b"last")]


def test_an_endless_line_is_not_held_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conversations, "MOST_BYTES", 10)
    file = tmp_path / "rows.jsonl"
    file.write_bytes(b"x" * 95 + b"\nnext\n")
    assert [(number, len(line)) for number, line in read_lines(file)] == [(1, 11), (2, 5)]


def test_the_file_and_the_line_are_named(tmp_path: Path) -> None:
    file = tmp_path / "rows.jsonl"
    file.write_bytes(write_line([USER, ANSWER]) + b"{\n")
    with pytest.raises(ConversationError, match=r"rows\.jsonl, line 2: it is not valid JSON"):
        list(read_conversations(file))
