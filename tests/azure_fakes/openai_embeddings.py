"""Embeddings of Azure OpenAI, as the SDK asks for them.

https://learn.microsoft.com/azure/ai-foundry/openai/reference#create-an-embedding: an unknown deployment answers 404
DeploymentNotFound. The SDK asks for base64 by itself. A vector counts letters: texts of the same letters are near.
"""

import base64
import struct
from dataclasses import dataclass, field
from typing import Any

from openai.types import embedding_create_params
from pydantic import TypeAdapter

from tests.azure_fakes.cloud import Request, Response

SCHEMA = TypeAdapter(embedding_create_params.EmbeddingCreateParams)
LETTERS = "abcdefghijklmnopqrstuvwxyz"


@dataclass
class Embeddings:
    """`models`: the model of each deployment. `texts`: every text that was embedded, in order."""

    models: dict[str, str] = field(default_factory=lambda: {"embed": "text-embedding-3-small"})
    texts: list[str] = field(default_factory=list)

    def __call__(self, request: Request) -> Response:
        assert request.path.endswith("/embeddings"), request.path
        body = SCHEMA.validate_python(request.body, extra="forbid")
        if body["model"] not in self.models:
            message = "The API deployment for this resource does not exist."
            return Response(404, {"error": {"code": "DeploymentNotFound", "message": message}})
        self.texts += body["input"]
        data = [
            {
                "object": "embedding",
                "index": index,
                "embedding": encode(letters(text, body.get("dimensions", 32)), body),
            }
            for index, text in enumerate(body["input"])
        ]
        usage = {"prompt_tokens": 1, "total_tokens": 1}
        return Response(200, {"object": "list", "data": data, "model": self.models[body["model"]], "usage": usage})


def letters(text: str, size: int) -> list[float]:
    """How often each letter is in the text, and zeros."""
    return [float(text.lower().count(letter)) + 0.001 for letter in LETTERS] + [0.0] * (size - len(LETTERS))


def encode(vector: list[float], body: Any) -> Any:
    if body.get("encoding_format") != "base64":
        return vector
    return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()
