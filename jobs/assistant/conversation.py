"""What an answerer gets and gives: a turn of a conversation, and the events of its answer.

Items are those of OpenAI's Responses API, whatever answers: messages, function calls and their outputs.
https://platform.openai.com/docs/api-reference/responses/create
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from jobs.tools.tool import Tool

Item: TypeAlias = dict[str, Any]


@dataclass(frozen=True)
class Usage:
    """Tokens. `cached` are among `input`, and `reasoning` among `output`."""

    input: int = 0
    cached: int = 0
    output: int = 0
    reasoning: int = 0

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(
            self.input + other.input,
            self.cached + other.cached,
            self.output + other.output,
            self.reasoning + other.reasoning,
        )


@dataclass(frozen=True, kw_only=True)
class Turn:
    """One request. `parameters` are those that the user gave, by the API's names of Responses; nothing else is sent."""

    model: str
    instructions: str
    items: Sequence[Item]
    tools: Sequence[Tool] = ()
    parameters: Mapping[str, Any] = field(default_factory=dict)
    store: bool = False
    metadata: Mapping[str, str] = field(default_factory=dict)
    stream: bool = True


@dataclass(frozen=True)
class Text:
    """A part of the answer."""

    text: str


@dataclass(frozen=True)
class Call:
    """A tool that the answerer asks for. `arguments` is what should be JSON."""

    call_id: str
    name: str
    arguments: str


@dataclass(frozen=True)
class Dropped:
    """A parameter that the model or the answerer does not take, and why."""

    parameter: str
    reason: str


@dataclass(frozen=True)
class Done:
    """The end of a reply. `items` go back as they came with the next turn. `stopped` says why it ended early."""

    items: list[Item]
    usage: Usage | None = None
    response_id: str | None = None
    model: str | None = None
    stopped: str = ""


Event: TypeAlias = Text | Call | Dropped | Done
Answerer: TypeAlias = Callable[[Turn], Iterator[Event]]


def user_item(text: str) -> Item:
    return {"role": "user", "content": text}


def assistant_item(text: str) -> Item:
    return {"role": "assistant", "content": text}


def output_item(call_id: str, output: str) -> Item:
    return {"type": "function_call_output", "call_id": call_id, "output": output}
