"""Where an account's models answer: one small request at a time.

https://learn.microsoft.com/azure/ai-foundry/openai/reference-preview-latest
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from tests.azure_fakes.cloud import Request, Response
from tests.azure_fakes.resource_manager import error_response

HOSTS = "*.cognitiveservices.azure.com"
PATHS = ("/openai/v1/chat/completions", "/openai/v1/embeddings", "/openai/v1/responses")


@dataclass
class ModelEndpoint:
    """`asked`: the deployments that got a request. `called`: called with each of them. `refuses`: an answer instead."""

    asked: list[str] = field(default_factory=list)
    called: Callable[[str], None] = lambda name: None
    refuses: Response | None = None

    def __call__(self, request: Request) -> Response:
        if request.method != "POST" or request.path not in PATHS:
            return error_response(404, "404", "Resource not found")
        if not request.headers.get("authorization", "").startswith("Bearer "):
            return error_response(401, "PermissionDenied")
        self.asked.append(request.body["model"])
        self.called(request.body["model"])
        return self.refuses or Response(200, {"id": "1", "object": "chat.completion", "choices": []})
