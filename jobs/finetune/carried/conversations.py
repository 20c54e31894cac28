"""Conversations: one JSON object a line, `messages` with roles and texts, as ULTRACHAT has them.

https://huggingface.co/datasets/HuggingFaceH4/ultrachat_200k
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, TypeAlias

Message: TypeAlias = dict[str, str]
ROLES = ("system", "user", "assistant")
MOST_BYTES = 8 * 2**20  # of one line


class ConversationError(ValueError):
    """A conversation that cannot be used. The message is the reason, and follows the name of a place."""


def parse_line(line: bytes) -> list[Message]:
    """The messages of one line. Raises ConversationError."""
    if len(line) > MOST_BYTES:
        raise ConversationError(f"it is longer than {MOST_BYTES // 2**20} MiB")
    try:
        row = json.loads(line.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise ConversationError("it is not UTF-8") from error
    except (ValueError, RecursionError) as error:  # RecursionError: nested too deep
        reason = f"{error.msg}, character {error.pos + 1}" if isinstance(error, json.JSONDecodeError) else error
        raise ConversationError(f"it is not valid JSON: {reason}") from error
    if not isinstance(row, dict) or "messages" not in row:
        raise ConversationError("it has no `messages`")
    return check_messages(row["messages"])


def check_messages(value: Any) -> list[Message]:
    """The messages of a conversation to learn from. Raises ConversationError."""
    messages = check_turns(value)
    if all(each["role"] != "assistant" for each in messages):
        raise ConversationError("it has no turn of the assistant")
    return messages


def check_turns(value: Any) -> list[Message]:
    """Messages in the right order: at most one `system` at the start, then `user` and `assistant` in turns.

    Raises ConversationError.
    """
    if not isinstance(value, list) or not value:
        raise ConversationError("it has no messages")
    messages = [check_message(each, number) for number, each in enumerate(value, 1)]
    roles = [each["role"] for each in messages]
    turns = roles[1:] if roles[0] == "system" else roles
    if any(role != ("user", "assistant")[number % 2] for number, role in enumerate(turns)) or not turns:
        raise ConversationError(f"its roles are out of order: {', '.join(roles[:8])}")
    return messages


def check_message(value: Any, number: int) -> Message:
    """One message with its two keys only. Raises ConversationError."""
    if not isinstance(value, dict) or "role" not in value or "content" not in value:
        raise ConversationError(f"message {number} has no `role` or no `content`")
    role, content = value["role"], value["content"]
    if role not in ROLES:
        raise ConversationError(f"message {number} has the role {role!r:.40}, and not one of {', '.join(ROLES)}")
    if not isinstance(content, str):
        raise ConversationError(f"the content of message {number} is not a text")
    if not content.strip():
        raise ConversationError(f"the content of message {number} is empty")
    if any("\ud800" <= letter <= "\udfff" for letter in content):
        raise ConversationError(f"the content of message {number} is not valid Unicode")
    return {"content": content, "role": role}


def question_of(messages: Sequence[Message]) -> str:
    """The first text of the user: ULTRACHAT's `prompt`."""
    return next(each["content"] for each in messages if each["role"] == "user")


def write_line(messages: Sequence[Message]) -> bytes:
    """A line in ULTRACHAT's schema."""
    prompt = question_of(messages)
    name = hashlib.sha256(prompt.encode()).hexdigest()
    row = {"prompt": prompt, "prompt_id": name, "messages": list(messages)}
    return json.dumps(row, ensure_ascii=False).encode() + b"\n"


def read_lines(file: Path) -> Iterator[tuple[int, bytes]]:
    """The lines of a file that are not blank, each with its number from 1 on. A mark of UTF-8 at the start is skipped.

    No more than MOST_BYTES of a line are held, and one byte.
    """
    with file.open("rb") as stream:
        number = 0
        while line := stream.readline(MOST_BYTES + 1):
            number += 1
            rest = line
            while rest and not rest.endswith(b"\n") and len(rest) > MOST_BYTES:
                rest = stream.readline(MOST_BYTES + 1)
            line = line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line
            if line.strip():
                yield number, line


def read_conversations(file: Path) -> Iterator[list[Message]]:
    """The conversations of a file. Raises ConversationError, which names file and line."""
    for number, line in read_lines(file):
        try:
            yield parse_line(line)
        except ConversationError as error:
            raise ConversationError(f"{file.name}, line {number}: {error}") from error


def split_turns(messages: Sequence[Message]) -> Iterator[tuple[list[Message], Message]]:
    """For each turn of the assistant: the messages before it, and the turn."""
    for number, each in enumerate(messages):
        if each["role"] == "assistant":
            yield list(messages[:number]), each
