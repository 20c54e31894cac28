"""OpenAI's API of Azure or of a server: the Responses API and Chat Completions, as strict as Azure.

https://learn.microsoft.com/azure/ai-foundry/openai/latest. A test scripts the replies; requests are validated against
the SDK's own parameter types, unknown keys are refused, and so are calls without outputs and outputs without calls.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from openai.types.chat import completion_create_params
from openai.types.responses import response_create_params
from pydantic import TypeAdapter, ValidationError

from tests.azure_fakes.cloud import Request, Response
from tests.azure_fakes.openai_replies import (
    Say,
    build_completion,
    build_response,
    stream_completion,
    stream_response,
)

RESPONSES = TypeAdapter(response_create_params.ResponseCreateParamsNonStreaming)
STREAMED_RESPONSES = TypeAdapter(response_create_params.ResponseCreateParamsStreaming)
COMPLETIONS = TypeAdapter(completion_create_params.CompletionCreateParamsNonStreaming)
STREAMED_COMPLETIONS = TypeAdapter(completion_create_params.CompletionCreateParamsStreaming)


def refusal(status: int, code: str, message: str, param: str | None = None, **more: Any) -> Response:
    headers = more.pop("headers", {})
    return Response(status, {"error": {"code": code, "message": message, "param": param, **more}}, headers)


@dataclass
class Models:
    """`deployments`: alias to model. `replies`: scripted, in order. `refuses`: parameters that the models refuse.

    `reasoning`: as gpt-5.4 and later, tools on Chat Completions are refused unless reasoning is none.
    `streams`: False for a server that answers whole though a stream was asked for.
    """

    deployments: dict[str, str] = field(default_factory=lambda: {"chat": "gpt-5.4-mini-2026-03-17"})
    replies: deque[Say | Response] = field(default_factory=deque)
    refuses: tuple[str, ...] = ()
    reasoning: bool = True
    streams: bool = True
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
        if not (body.get("stream") and self.streams):
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
        if not (body.get("stream") and self.streams):
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
