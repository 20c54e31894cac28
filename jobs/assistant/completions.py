"""The answerer over Chat Completions: for parameters that it alone has, and for servers without the Responses API.

https://platform.openai.com/docs/api-reference/chat/create
"""

from collections.abc import Iterator, Sequence
from typing import Any

from jobs.assistant.answerer import ModelAnswerer, read_whole
from jobs.assistant.conversation import Call, Done, Event, Item, Text, Turn, Usage, assistant_item
from jobs.assistant.parameters import completions_parameters
from jobs.assistant.stopped import describe_finish
from jobs.azure.openai_refusal import CutError


class Completions(ModelAnswerer):
    """Answers turns over Chat Completions."""

    def request(self, client: Any, turn: Turn) -> Iterator[Event]:
        if not turn.stream:
            return read_completion(client.chat.completions.create(**build_body(turn)))
        reply = client.chat.completions.with_raw_response.create(**build_body(turn))
        if whole := read_whole(reply):
            from openai.types.chat import ChatCompletion

            return read_completion(ChatCompletion.construct(**whole))
        return read_stream(reply.parse())


def build_body(turn: Turn) -> dict[str, Any]:
    """The request's body."""
    body: dict[str, Any] = {"model": turn.model, "messages": build_messages(turn)}
    if turn.tools:
        body["tools"] = [
            {
                "type": "function",
                "function": {
                    "name": tool.name,
                    "description": tool.description,
                    "parameters": dict(tool.parameters),
                    "strict": tool.is_strict,
                },
            }
            for tool in turn.tools
        ]
    if turn.store:
        body |= {"store": True, **({"metadata": dict(turn.metadata)} if turn.metadata else {})}
    if turn.stream:
        body |= {"stream": True, "stream_options": {"include_usage": True}}
    return body | completions_parameters(turn.parameters)


def build_messages(turn: Turn) -> list[Item]:
    """The conversation as messages: the calls of one reply are one message."""
    messages: list[Item] = [{"role": "system", "content": turn.instructions}] if turn.instructions else []
    for item in turn.items:
        if item.get("type") == "function_call":
            call = {"name": item["name"], "arguments": item["arguments"]}
            calls = {"id": item["call_id"], "type": "function", "function": call}
            if messages and messages[-1].get("role") == "assistant":
                messages[-1].setdefault("tool_calls", []).append(calls)
            else:
                messages.append({"role": "assistant", "content": None, "tool_calls": [calls]})
        elif item.get("type") == "function_call_output":
            messages.append({"role": "tool", "tool_call_id": item["call_id"], "content": item["output"]})
        else:
            messages.append(dict(item))
    return messages


def read_stream(stream: Any) -> Iterator[Event]:
    """The events of a stream. The parts of a call come one by one, by the call's index."""
    text, usage, stopped, last = "", None, "", None
    calls: dict[int, dict[str, str]] = {}
    ended = False
    for chunk in stream:
        # Azure's asynchronous filter sends chunks of its own, without an id, a model and a delta.
        last, usage = chunk if chunk.id or last is None else last, chunk.usage or usage
        for choice in chunk.choices:
            delta = getattr(choice, "delta", None)
            if delta and delta.content:
                text += delta.content
                yield Text(delta.content)
            for part in (delta and delta.tool_calls) or []:
                call = calls.setdefault(part.index, {"id": "", "name": "", "arguments": ""})
                call["id"] = part.id or call["id"]
                call["name"] += (part.function.name if part.function else None) or ""
                call["arguments"] += (part.function.arguments if part.function else None) or ""
            if choice.finish_reason:
                ended, stopped = True, describe_finish(choice)
    if not ended:
        raise CutError("The answer ended before its end: ask again.")
    yield from end_reply(
        text, [Call(each["id"], each["name"], each["arguments"]) for each in calls.values()], stopped, last, usage
    )


def read_completion(reply: Any) -> Iterator[Event]:
    """The events of a reply that came whole."""
    choice = reply.choices[0]
    text = choice.message.content or ""
    if text:
        yield Text(text)
    calls = [Call(each.id, each.function.name, each.function.arguments) for each in choice.message.tool_calls or []]
    yield from end_reply(text, calls, describe_finish(choice), reply, reply.usage)


def end_reply(text: str, calls: Sequence[Call], stopped: str, reply: Any, usage: Any) -> Iterator[Event]:
    yield from calls
    items: list[Item] = [assistant_item(text)] if text else []
    items += [
        {"type": "function_call", "call_id": call.call_id, "name": call.name, "arguments": call.arguments}
        for call in calls
    ]
    yield Done(items, usage=read_usage(usage), response_id=reply.id, model=reply.model, stopped=stopped)


def read_usage(usage: Any) -> Usage | None:
    if usage is None:
        return None
    cached = getattr(usage.prompt_tokens_details, "cached_tokens", 0) or 0
    reasoning = getattr(usage.completion_tokens_details, "reasoning_tokens", 0) or 0
    return Usage(usage.prompt_tokens, cached, usage.completion_tokens, reasoning)
