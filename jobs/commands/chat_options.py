"""The options of every question, once: `chat`, `chat ask`, `chat compare` and `chat evaluate` take the same."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer

from jobs.commands.documents import BaseUrl, CollectionName, FromPlace, Place
from jobs.commands.options import Json, Outputs, TargetName


class Reasoning(StrEnum):
    none = "none"
    low = "low"
    medium = "medium"
    high = "high"


class Api(StrEnum):
    """What answers: OpenAI's Responses API, Chat Completions, or no model."""

    responses = "responses"
    completions = "completions"
    extract = "extract"


@dataclass(frozen=True, kw_only=True)
class ChatOptions:
    """One field an option. Their defaults are those of the command line."""

    target: TargetName = "local"
    outputs: Outputs = None
    deployment: Annotated[
        str, typer.Option("--deployment", metavar="ALIAS", help="The stack's deployment that answers.")
    ] = "chat"
    base_url: BaseUrl = None
    model: Annotated[str | None, typer.Option("--model", metavar="NAME", help="The model at --base-url.")] = None
    api: Annotated[
        Api | None, typer.Option("--api", help="extract answers without a model. Default: by what there is.")
    ] = None
    data: Annotated[bool, typer.Option("--data", help="Answer from your documents, with citations.")] = False
    tools: Annotated[
        bool, typer.Option("--tools", help="Let the model ask the vector lake: counts, pictures, runs.")
    ] = False
    collection: CollectionName = "documents"
    k: Annotated[int, typer.Option("--k", "-k", min=1, max=10, help="How many passages go along.")] = 5
    place: FromPlace = Place.database
    embed_model: Annotated[
        str | None,
        typer.Option("--embed-model", metavar="NAME", help="The model at --base-url that filled the collection."),
    ] = None
    picture: Annotated[
        list[Path] | None, typer.Option("--picture", metavar="FILE", help="A picture that the question is about.")
    ] = None
    system: Annotated[
        str, typer.Option("--system", metavar="TEXT|@FILE", help="Instructions for the model, or a file of them.")
    ] = ""
    safety: Annotated[
        str,
        typer.Option("--safety", metavar="all|NAMES", help="Safety messages: harmful,ungrounded,copyright,jailbreak."),
    ] = ""
    examples: Annotated[
        Path | None,
        typer.Option("--examples", metavar="FILE", help='JSONL: {"user": "...", "assistant": "..."} a line.'),
    ] = None
    var: Annotated[
        list[str] | None, typer.Option("--var", metavar="NAME=VALUE", help="The value of {{NAME}} in all of these.")
    ] = None
    max_tokens: Annotated[int | None, typer.Option("--max-tokens", min=1, help="The most tokens of an answer.")] = None
    temperature: Annotated[float | None, typer.Option("--temperature", min=0, max=2, help="0 is the least varied.")] = (
        None
    )
    top_p: Annotated[float | None, typer.Option("--top-p", min=0, max=1, help="Only the likeliest tokens.")] = None
    reasoning: Annotated[Reasoning | None, typer.Option("--reasoning", help="How long the model thinks.")] = None
    stop: Annotated[list[str] | None, typer.Option("--stop", metavar="TEXT", help="End the answer before it.")] = None
    frequency_penalty: Annotated[
        float | None, typer.Option("--frequency-penalty", min=-2, max=2, help="Against repeating words.")
    ] = None
    presence_penalty: Annotated[
        float | None, typer.Option("--presence-penalty", min=-2, max=2, help="Against repeating subjects.")
    ] = None
    seed: Annotated[int | None, typer.Option("--seed", help="For answers that repeat, where the model can.")] = None
    history: Annotated[int | None, typer.Option("--history", min=0, help="How many earlier questions go along.")] = None
    no_stream: Annotated[bool, typer.Option("--no-stream", help="Show the answer when it is complete.")] = False
    store: Annotated[bool, typer.Option("--store", help="Let the service keep the answer for 30 days.")] = False
    meta: Annotated[
        list[str] | None, typer.Option("--meta", metavar="KEY=VALUE", help="Label a stored answer. Needs --store.")
    ] = None
    max_usd: Annotated[
        float | None, typer.Option("--max-usd", min=0, metavar="USD", help="Stop before the call that would pass it.")
    ] = None
    as_json: Json = False

    def replace(self, **changes: Any) -> "ChatOptions":
        """The same options with some changed."""
        return replace(self, **changes)

    def parameters(self) -> dict[str, Any]:
        """The model's parameters that were given, by our names."""
        given = {
            "max_tokens": self.max_tokens,
            "temperature": self.temperature,
            "top_p": self.top_p,
            "reasoning": self.reasoning.value if self.reasoning else None,
            "stop": self.stop or None,
            "frequency_penalty": self.frequency_penalty,
            "presence_penalty": self.presence_penalty,
            "seed": self.seed,
        }
        return {name: value for name, value in given.items() if value is not None}


def parse_pairs(texts: list[str] | None, flag: str) -> dict[str, str]:
    """The values of NAME=VALUE. Raises BadParameter."""
    pairs = [text.partition("=") for text in texts or []]
    if bad := [text for text, (name, equals, _) in zip(texts or [], pairs, strict=True) if not (name and equals)]:
        raise typer.BadParameter(f"write NAME=VALUE, not {bad[0]!r}", param_hint=flag)
    return {name: value for name, _, value in pairs}


def takes_chat_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options of ChatOptions. It gets them as its argument `options`, after its own arguments."""
    hints = get_type_hints(ChatOptions, include_extras=True)
    own = [each for name, each in inspect.signature(function).parameters.items() if name != "options"]
    shared = [
        inspect.Parameter(each.name, inspect.Parameter.KEYWORD_ONLY, default=each.default, annotation=hints[each.name])
        for each in fields(ChatOptions)
    ]
    keywords = [each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in own]
    names = {each.name for each in shared}

    def command(**values: Any) -> Any:
        options = ChatOptions(**{name: value for name, value in values.items() if name in names})
        return function(options=options, **{name: value for name, value in values.items() if name not in names})

    command.__signature__ = inspect.Signature([*keywords, *shared])  # type: ignore[attr-defined]
    command.__annotations__ = {each.name: each.annotation for each in (*keywords, *shared)}
    command.__name__, command.__doc__ = function.__name__, function.__doc__
    return command
