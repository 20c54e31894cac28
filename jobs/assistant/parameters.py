"""The model's parameters: our names, those of each API, and what happens where a model refuses one."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from math import inf
from typing import Any

from jobs.assistant.conversation import Dropped, Event, Turn
from jobs.azure.openai_refusal import RefusedParameterError

ONLY_COMPLETIONS = ("stop", "frequency_penalty", "presence_penalty", "seed")
RESPONSES = {"max_tokens": "max_output_tokens"}
COMPLETIONS = {"reasoning": "reasoning_effort"}
# Our name of what an API calls a parameter in its refusal.
OURS = {
    "max_output_tokens": "max_tokens",
    "max_completion_tokens": "max_tokens",
    "reasoning.effort": "reasoning",
    "reasoning_effort": "reasoning",
}
NEWER_NAME = "max_completion_tokens"
EFFORTS = ("none", "low", "medium", "high")
# The type, the least and the most of each number, and these in words.
NUMBERS: Mapping[str, tuple[type, float, float, str]] = {
    "max_tokens": (int, 1, inf, "a whole number from 1"),
    "temperature": (float, 0, 2, "a number from 0 to 2"),
    "top_p": (float, 0, 1, "a number from 0 to 1"),
    "frequency_penalty": (float, -2, 2, "a number from -2 to 2"),
    "presence_penalty": (float, -2, 2, "a number from -2 to 2"),
    "seed": (int, -inf, inf, "a whole number"),
}
NAMES = (*NUMBERS, "reasoning", "stop")


def parse_parameter(name: str, text: str) -> Any:
    """The value of a parameter that a person typed. Raises ValueError, which says what it may be."""
    if name not in NAMES:
        raise ValueError(f"{name or 'That'} is not a parameter: {', '.join(NAMES)}.")
    if name == "stop" and text:
        return [text]
    if name == "reasoning" and text in EFFORTS:
        return text
    if name not in NUMBERS:
        raise ValueError(f"{name} is {'one of ' + ', '.join(EFFORTS) if name == 'reasoning' else 'a text'}.")
    kind, least, most, words = NUMBERS[name]
    try:
        value = kind(text)
    except ValueError:
        value = None
    if value is None or not least <= value <= most:
        raise ValueError(f"{name} is {words}, not {text!r}.")
    return value


def needs_completions(parameters: Mapping[str, Any]) -> bool:
    """Whether a parameter exists on Chat Completions only."""
    return any(name in parameters for name in ONLY_COMPLETIONS)


def responses_parameters(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters by the names of the Responses API."""
    body = {RESPONSES.get(name, name): value for name, value in parameters.items()}
    if "reasoning" in body:
        body["reasoning"] = {"effort": body["reasoning"]}
    return body


def completions_parameters(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters by the names of Chat Completions. `max_completion_tokens` is what newer models call max_tokens."""
    return {COMPLETIONS.get(name, name): value for name, value in parameters.items()}


@dataclass
class Learned:
    """What a model does not take: why, by our name; and whether it wants the newer name of max_tokens."""

    refused: dict[str, str] = field(default_factory=dict)
    newer_name: bool = False

    def apply(self, turn: Turn) -> Turn:
        """The turn as the model takes it."""
        kept = {name: value for name, value in turn.parameters.items() if name not in self.refused}
        if self.newer_name and "max_tokens" in kept:
            kept[NEWER_NAME] = kept.pop("max_tokens")
        return replace(turn, parameters=kept)

    def learn(self, error: RefusedParameterError, turn: Turn) -> bool:
        """Take in a refusal; returns whether a request without the parameter is another one."""
        name = OURS.get(error.parameter, error.parameter)
        if name not in turn.parameters or name in self.refused:
            return False
        if error.parameter == "max_tokens" and not self.newer_name:
            self.newer_name = True
        else:
            self.refused[name] = str(error)
        return True


def send_without_refused(turn: Turn, send: Callable[[Turn], Iterator[Event]], learned: Learned) -> Iterator[Event]:
    """Send a turn; once more without the parameter that the model refuses. A second refusal is the failure.

    No list of models says who takes what: such lists are wrong soon. What was learned holds for the requests after it.
    """
    events = send(learned.apply(turn))
    try:
        first = next(events, None)
    except RefusedParameterError as error:
        if not learned.learn(error, turn):
            raise
        events = send(learned.apply(turn))
        first = next(events, None)
    yield from (Dropped(name, reason) for name, reason in learned.refused.items() if name in turn.parameters)
    if first is not None:
        yield first
    yield from events
