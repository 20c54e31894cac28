"""--show-code: a program that does what was just done. It sends the same requests, and runs by itself."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from pprint import pformat
from typing import Any

from jobs.assistant import completions, responses
from jobs.assistant.chat import Conversation
from jobs.assistant.completions import Completions
from jobs.assistant.conversation import Turn
from jobs.assistant.loop import Answered
from jobs.assistant.responses import Responses
from jobs.azure.openai import Connection
from jobs.documents.search import Search

TEMPLATES = Path(__file__).with_name("programs")


def write_program(conversation: Conversation, turn: Turn, answered: Answered) -> str:
    """The program of the last question. It holds no key, no token and no password."""
    answerer = conversation.engine.answerer
    if not isinstance(answerer, Responses | Completions):
        context, calls = conversation.context, [(each.name, json.dumps(each.arguments)) for each in answered.calls]
        pictures = {handle: str(file.resolve()) for handle, file in context.pictures.items()}
        return read("no_model").format(
            calls=show(calls), stack=context.stack, search=show_search(context.search), pictures=show(pictures)
        )
    name = "responses" if isinstance(answerer, Responses) else "completions"
    module = responses if name == "responses" else completions
    lines = read(f"{name}_{'stream' if turn.stream else 'whole'}")
    request = show(module.build_body(answerer.learned.apply(turn)))
    program = client_lines(answerer.connection) + read("tools").format(outputs=show(recorded_outputs(answered)))
    return program + read(name).format(request=request, read=lines, end="not calls")


def show_search(search: Search) -> str:
    """The call that makes the same search, without what it connects to."""
    return f"Search(query='', k={search.k}, collection={search.collection!r}, place={search.place!r})"


def read(name: str) -> str:
    """A template. In a file of its own it is not taken for code of this project."""
    return (TEMPLATES / f"{name}.txt").read_text(encoding="utf-8")


def client_lines(connection: Connection) -> str:
    template = read("azure") if connection.scope else read("server")
    return template.format(url=connection.base_url, scope=connection.scope)


def recorded_outputs(answered: Answered) -> Mapping[tuple[str, str], str]:
    """The outputs of the calls, by the call's name and its arguments as the model wrote them."""
    outputs = {item["call_id"]: item["output"] for item in answered.items if item.get("type") == "function_call_output"}
    calls = [item for item in answered.items if item.get("type") == "function_call"]
    return {(item["name"], item["arguments"]): outputs.get(item["call_id"], "") for item in calls}


def show(value: Any) -> str:
    """A value as Python writes it."""
    plain = [tuple(each) for each in value] if isinstance(value, Sequence) and not isinstance(value, str) else value
    return pformat(plain, width=110, sort_dicts=False)
