"""Replies of OpenAI's API: whole, and as the events of a stream.

https://platform.openai.com/docs/api-reference/responses-streaming and .../chat-streaming
"""

import json
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Say:
    """A scripted reply: text, or calls as (name, arguments). `cut` ends the stream after so many bytes."""

    text: str = ""
    calls: tuple[tuple[str, str], ...] = ()
    incomplete: str = ""
    error: str = ""
    cut: int | None = None


def build_response(model: str, say: Say) -> dict[str, Any]:
    """A response of the Responses API. A reasoning item comes first, encrypted, as with nothing stored."""
    output: list[dict[str, Any]] = [{"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "gAAA"}]
    for number, (name, arguments) in enumerate(say.calls):
        call = {"id": f"fc_{number}", "call_id": f"call_{name}_{number}", "name": name, "arguments": arguments}
        output.append({"type": "function_call", "status": "completed", **call})
    if say.text:
        part = {"type": "output_text", "text": say.text, "annotations": []}
        output.append({"type": "message", "id": "msg_1", "role": "assistant", "status": "completed", "content": [part]})
    usage = {
        "input_tokens": 100,
        "input_tokens_details": {"cached_tokens": 40},
        "output_tokens": 10,
        "output_tokens_details": {"reasoning_tokens": 4},
        "total_tokens": 110,
    }
    return {
        "id": "resp_1",
        "object": "response",
        "created_at": 1,
        "model": model,
        "status": "incomplete" if say.incomplete else "completed",
        "incomplete_details": {"reason": say.incomplete} if say.incomplete else None,
        "output": output,
        "usage": usage,
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
    }


def stream_response(response: dict[str, Any], say: Say) -> bytes:
    """The events of a stream, the text in parts of five characters."""
    events: list[dict[str, Any]] = [{"type": "response.created", "response": response | {"output": []}}]
    for start in range(0, len(say.text), 5):
        place = {"item_id": "msg_1", "output_index": 0, "content_index": 0, "logprobs": []}
        events.append({"type": "response.output_text.delta", "delta": say.text[start : start + 5], **place})
    for index, item in enumerate(response["output"]):
        events.append({"type": "response.output_item.done", "output_index": index, "item": item})
    if say.error:
        events.append({"type": "error", "code": "server_error", "message": say.error, "param": None})
    else:
        events.append({"type": f"response.{response['status']}", "response": response})
    lines = [f"event: {e['type']}\ndata: {json.dumps(e | {'sequence_number': n})}\n\n" for n, e in enumerate(events)]
    return "".join(lines).encode()


def build_completion(model: str, say: Say) -> dict[str, Any]:
    calls = [
        {"id": f"call_{n}", "type": "function", "function": {"name": name, "arguments": arguments}}
        for n, (name, arguments) in enumerate(say.calls)
    ]
    message = {"role": "assistant", "content": say.text or None, **({"tool_calls": calls} if calls else {})}
    finish = say.incomplete or ("tool_calls" if calls else "stop")
    usage = {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110}
    choices = [{"index": 0, "message": message, "finish_reason": finish, "logprobs": None}]
    return {"id": "cc_1", "object": "chat.completion", "created": 1, "model": model, "choices": choices, "usage": usage}


def stream_completion(completion: dict[str, Any]) -> bytes:
    """The chunks of a stream: text by five characters, the arguments of a call in two parts."""
    (choice,) = completion["choices"]
    message = choice["message"]
    text = message["content"] or ""
    deltas: list[dict[str, Any]] = [{"content": text[start : start + 5]} for start in range(0, len(text), 5)]
    for index, call in enumerate(message.get("tool_calls", [])):
        function = call["function"]
        first = {
            "index": index,
            "id": call["id"],
            "type": "function",
            "function": {**function, "arguments": function["arguments"][:3]},
        }
        deltas += [
            {"tool_calls": [first]},
            {"tool_calls": [{"index": index, "function": {"arguments": function["arguments"][3:]}}]},
        ]
    head = {key: completion[key] for key in ("id", "created", "model")} | {"object": "chat.completion.chunk"}
    azure = {"id": "", "created": 0, "model": "", "object": "", "choices": []}
    chunks: list[dict[str, Any]] = [azure | {"prompt_filter_results": []}]
    chunks += [{**head, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]} for delta in deltas]
    # https://learn.microsoft.com/azure/ai-foundry/openai/concepts/content-streaming: the asynchronous filter's own.
    chunks.append(azure | {"choices": [{"index": 0, "finish_reason": None, "content_filter_offsets": {}}]})
    chunks.append({**head, "choices": [{"index": 0, "delta": {}, "finish_reason": choice["finish_reason"]}]})
    chunks.append({**head, "choices": [], "usage": completion["usage"]})
    return "".join(f"data: {json.dumps(chunk)}\n\n" for chunk in chunks).encode() + b"data: [DONE]\n\n"
