"""OpenAI's API of Azure or of a server: the Responses API and Chat Completions, as strict as Azure.

https://learn.microsoft.com/azure/ai-foundry/openai/latest. A test scripts the replies; requests are validated against
the SDK's own parameter types, unknown keys are refused, and so are calls without outputs and outputs without calls.
"""

import json
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from openai.types.chat import completion_create_params
from openai.types.responses import response_create_params
from pydantic import TypeAdapter, ValidationError

from tests.azure_fakes.cloud import Request, Response

RESPONSES = TypeAdapter(response_create_params.ResponseCreateParamsNonStreaming)
STREAMED_RESPONSES = TypeAdapter(response_create_params.ResponseCreateParamsStreaming)
COMPLETIONS = TypeAdapter(completion_create_params.CompletionCreateParamsNonStreaming)
STREAMED_COMPLETIONS = TypeAdapter(completion_create_params.CompletionCreateParamsStreaming)


@dataclass(frozen=True)
class Say:
    """A scripted reply: text, or calls as (name, arguments). `cut` ends the stream after so many bytes."""

    text: str = ""
    calls: tuple[tuple[str, str], ...] = ()
    incomplete: str = ""
    error: str = ""
    cut: int | None = None


def refusal(status: int, code: str, message: str, param: str | None = None, **more: Any) -> Response:
    headers = more.pop("headers", {})
    return Response(status, {"error": {"code": code, "message": message, "param": param, **more}}, headers)


@dataclass
class Models:
    """`deployments`: alias to model. `replies`: scripted, in order. `refuses`: parameters that the models refuse.

    `reasoning`: as gpt-5.4 and later, tools on Chat Completions are refused unless reasoning is none.
    """

    deployments: dict[str, str] = field(default_factory=lambda: {"chat": "gpt-5.4-mini-2026-03-17"})
    replies: deque[Say | Response] = field(default_factory=deque)
    refuses: tuple[str, ...] = ()
    reasoning: bool = True
    bodies: list[Any] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)

    def __call__(self, request: Request) -> Response:
        self.tokens.append(request.headers.get("authorization", ""))
        self.bodies.append(request.body)
        handlers: dict[str, Callable[[Any], Response]] = {
            "/responses": self.respond,
            "/chat/completions": self.complete,
        }
        for end, handle in handlers.items():
            if request.path.endswith(end):
                return handle(request.body)
        return refusal(404, "404", f"Resource not found: {request.path}")

    def check(self, body: Any, schema: TypeAdapter[Any]) -> Response | None:
        """The refusal of a request, as Azure words it; None where it is right."""
        try:
            schema.validate_python(body, extra="forbid")
        except ValidationError as error:
            where = str(error.errors()[0]["loc"][0])
            return refusal(400, "unknown_parameter", f"Unknown parameter: '{where}'.", where)
        if body["model"] not in self.deployments:
            return refusal(404, "DeploymentNotFound", "The API deployment for this resource does not exist.")
        for name in self.refuses:
            if name in body:
                message = f"Unsupported parameter: '{name}' is not supported with this model."
                return refusal(400, "unsupported_parameter", message, name)
        return None

    def respond(self, body: Any) -> Response:
        wrong = self.check(body, STREAMED_RESPONSES if body.get("stream") else RESPONSES) or check_pairs(body["input"])
        if wrong or (body.get("store") is not False and not body.get("metadata")):
            return wrong or refusal(400, "test", "store was not asked for")
        say = self.replies.popleft()
        if isinstance(say, Response):
            return say
        response = build_response(self.deployments[body["model"]], say)
        if not body.get("stream"):
            return Response(200, response)
        return Response(200, stream_response(response, say), {"Content-Type": "text/event-stream"}, cut=say.cut)

    def complete(self, body: Any) -> Response:
        wrong = self.check(body, STREAMED_COMPLETIONS if body.get("stream") else COMPLETIONS)
        if wrong is None and self.reasoning and body.get("tools") and body.get("reasoning_effort") != "none":
            message = (
                "Function tools with reasoning_effort are not supported for this model in /v1/chat/completions. To use "
                "function tools, use /v1/responses or set reasoning_effort to 'none'."
            )
            wrong = refusal(400, "", message, "reasoning_effort")
        if wrong:
            return wrong
        say = self.replies.popleft()
        if isinstance(say, Response):
            return say
        completion = build_completion(self.deployments[body["model"]], say)
        if not body.get("stream"):
            return Response(200, completion)
        return Response(200, stream_completion(completion), {"Content-Type": "text/event-stream"}, cut=say.cut)


def check_pairs(items: Any) -> Response | None:
    """Azure's refusals of an output without its call, and of a call without its output."""
    called = [item["call_id"] for item in items if item.get("type") == "function_call"]
    answered = [item["call_id"] for item in items if item.get("type") == "function_call_output"]
    for call_id in answered:
        if call_id not in called:
            return refusal(400, "", f"No tool call found for function call output with call_id {call_id}.", "input")
    for call_id in called:
        if call_id not in answered:
            return refusal(400, "", f"No tool output found for function call {call_id}.", "input")
    return None


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
    chunks = [{**head, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]} for delta in deltas]
    chunks.append({**head, "choices": [{"index": 0, "delta": {}, "finish_reason": choice["finish_reason"]}]})
    chunks.append({**head, "choices": [], "usage": completion["usage"]})
    return "".join(f"data: {json.dumps(chunk)}\n\n" for chunk in chunks).encode() + b"data: [DONE]\n\n"
