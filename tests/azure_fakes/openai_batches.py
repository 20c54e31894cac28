"""Batches of Azure OpenAI: files, and batches that a test ends.

https://learn.microsoft.com/azure/ai-foundry/openai/how-to/batch
"""

import json
import re
from dataclasses import dataclass, field
from typing import Any

from tests.azure_fakes.cloud import Request, Response
from tests.azure_fakes.openai_models import refusal


@dataclass
class Batches:
    """`files`: name and content by id. `fail_after`: the connection breaks after so many requests."""

    files: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    batches: dict[str, dict[str, Any]] = field(default_factory=dict)
    fail_after: int = 10**9

    def __call__(self, request: Request) -> Response:
        self.fail_after -= 1
        if self.fail_after < 0:
            return Response(200, {}, cut=0)
        kind, _, rest = request.path.partition("/openai/v1/")[2].partition("/")
        return (self.file if kind == "files" else self.batch)(request, rest)

    def file(self, request: Request, rest: str) -> Response:
        if request.method == "POST":
            name, content = re.findall(rb'filename="([^"]+)"\r\n[^\r]+\r\n\r\n(.*?)\r\n--', request.body, re.DOTALL)[0]
            self.files[f"file-{len(self.files)}"] = (name.decode(), content)
            return Response(200, self.described(f"file-{len(self.files) - 1}"))
        if rest.endswith("/content"):
            return Response(200, self.files[rest.partition("/")[0]][1], {"Content-Type": "application/octet-stream"})
        return Response(
            200, {"object": "list", "data": [self.described(each) for each in self.files], "has_more": False}
        )

    def described(self, file_id: str) -> dict[str, Any]:
        head = {"id": file_id, "object": "file", "bytes": 1, "created_at": 1, "purpose": "batch", "status": "processed"}
        return head | {"filename": self.files[file_id][0]}

    def batch(self, request: Request, rest: str) -> Response:
        if request.method == "POST" and not rest:
            body = request.body
            assert set(body) == {"input_file_id", "endpoint", "completion_window", "metadata"}
            assert (body["endpoint"], body["completion_window"]) == ("/chat/completions", "24h")
            total = self.files[body["input_file_id"]][1].count(b"\n")
            name = f"batch_{len(self.batches)}"
            counts = {"total": total, "completed": 0, "failed": 0}
            head = {"id": name, "object": "batch", "created_at": 1, "status": "validating", "request_counts": counts}
            self.batches[name] = head | body
            return Response(200, self.batches[name])
        if not rest:
            return Response(200, {"object": "list", "data": list(self.batches.values()), "has_more": False})
        name, _, action = rest.partition("/")
        if name not in self.batches:
            return refusal(404, "not_found", f"Batch {name} was not found.")
        if action == "cancel":
            self.batches[name]["status"] = "cancelling"
        return Response(200, self.batches[name])

    def end(self, name: str, answers: dict[str, str]) -> None:
        """End a batch with these answers; its other requests fail."""
        batch = self.batches[name]
        asked = [json.loads(line)["custom_id"] for line in self.files[batch["input_file_id"]][1].splitlines()]
        done = [
            {"custom_id": each, "response": {"status_code": 200, "body": {"choices": [{"message": {"content": text}}]}}}
            for each, text in answers.items()
        ]
        wrong = [{"custom_id": each, "error": {"message": "It failed."}} for each in asked if each not in answers]
        for key, lines in (("output_file_id", done), ("error_file_id", wrong)):
            self.files[key] = (key, "\n".join(map(json.dumps, reversed(lines))).encode())
            batch[key] = key
        batch["status"] = "completed"
        batch["request_counts"] = {"total": len(asked), "completed": len(done), "failed": len(wrong)}
