"""The answerer over the Responses API, stateless: the whole input goes along each time, and nothing is stored.

https://learn.microsoft.com/azure/ai-foundry/openai/how-to/responses. Ollama, llama.cpp and vLLM speak it too.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from jobs.assistant.answerer import ModelAnswerer, read_whole
from jobs.assistant.conversation import Call, Done, Event, Text, Turn, Usage
from jobs.assistant.parameters import responses_parameters
from jobs.assistant.stopped import describe_incomplete
from jobs.azure.openai_refusal import CutError
from jobs.errors import JobError

# Without it, a model that reasons could not go on after a tool call, because nothing is stored.
INCLUDE = ["reasoning.encrypted_content"]


class Responses(ModelAnswerer):
    """Answers turns over the Responses API."""

    def request(self, client: Any, turn: Turn) -> Iterator[Event]:
        return read_reply(client, build_body(turn))


def read_reply(client: Any, body: Mapping[str, Any]) -> Iterator[Event]:
    """Send a body, and read the events of its reply. Some servers answer whole, though a stream was asked for."""
    if not body.get("stream"):
        return read_response(client.responses.create(**body))
    reply = client.responses.with_raw_response.create(**body)
    if whole := read_whole(reply):
        from openai.types.responses import Response

        return read_response(Response.construct(**whole))
    return read_stream(reply.parse())


def build_body(turn: Turn) -> dict[str, Any]:
    """The request's body. Nothing is in it that was not asked for, but for what makes it stateless."""
    body: dict[str, Any] = {"model": turn.model, "input": list(turn.items), "store": turn.store, "include": INCLUDE}
    if turn.instructions:
        body["instructions"] = turn.instructions
    if turn.tools:
        body["tools"] = [
            {
                "type": "function",
                "name": tool.name,
                "description": tool.description,
                "parameters": dict(tool.parameters),
                "strict": tool.is_strict,
            }
            for tool in turn.tools
        ]
    if turn.store and turn.metadata:
        body["metadata"] = dict(turn.metadata)
    if turn.stream:
        body["stream"] = True
    return body | responses_parameters(turn.parameters)


def read_stream(stream: Any) -> Iterator[Event]:
    """The events of a stream. An `error` is yielded by the SDK like any other event: it ends the answer."""
    items: list[dict[str, Any]] = []
    for event in stream:
        if event.type == "response.output_text.delta":
            yield Text(event.delta)
        elif event.type == "response.output_item.done":
            items.append(event.item.model_dump(exclude_none=True))
        elif event.type in ("response.completed", "response.incomplete"):
            yield from read_end(event.response, items)
            return
        elif event.type in ("error", "response.failed"):
            error = event if event.type == "error" else event.response.error
            message = getattr(error, "message", "") or "no reason given"
            raise JobError(f"The model's server ended the answer with an error ({message}): ask again.")
    raise CutError("The answer ended before its end: ask again.")


def read_response(response: Any) -> Iterator[Event]:
    """The events of a reply that came whole."""
    if response.output_text:
        yield Text(response.output_text)
    yield from read_end(response, [])


def read_end(response: Any, items: list[dict[str, Any]]) -> Iterator[Event]:
    """The calls of a response, and its end. Servers that leave `output` out of the end have sent its items before."""
    output = [item.model_dump(exclude_none=True) for item in response.output or []] or items
    for item in output:
        if item["type"] == "function_call":
            yield Call(item["call_id"], item["name"], item["arguments"])
    yield Done(
        output,
        usage=read_usage(response.usage),
        response_id=response.id,
        model=response.model,
        stopped=describe_incomplete(response) if response.status == "incomplete" else "",
    )


def read_usage(usage: Any) -> Usage | None:
    if usage is None:
        return None
    cached = getattr(usage.input_tokens_details, "cached_tokens", 0) or 0
    reasoning = getattr(usage.output_tokens_details, "reasoning_tokens", 0) or 0
    return Usage(usage.input_tokens, cached, usage.output_tokens, reasoning)
