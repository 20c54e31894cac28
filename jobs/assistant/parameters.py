"""The model's parameters: our names, those of each API, and what happens where a model refuses one."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
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


def retry_without_refused(turn: Turn, send: Callable[[Turn], Iterator[Event]]) -> Iterator[Event]:
    """Send a turn; once more without the parameter that the model refuses. A second refusal is the failure.

    No list of models says who takes what: such lists are wrong soon.
    """
    events = send(turn)
    try:
        first = next(events, None)
    except RefusedParameterError as error:
        name = OURS.get(error.parameter, error.parameter)
        if name not in turn.parameters:
            raise
        others = {key: value for key, value in turn.parameters.items() if key != name}
        if error.parameter == "max_tokens":
            others[NEWER_NAME] = turn.parameters[name]
        else:
            yield Dropped(name, str(error))
        yield from send(replace(turn, parameters=others))
        return
    if first is not None:
        yield first
    yield from events
