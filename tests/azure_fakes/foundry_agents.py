"""A Foundry project: agents with versions, conversations, responses by reference, files and vector stores.

https://learn.microsoft.com/rest/api/aifoundry/aiprojects and the SDK's own requests. It refuses what Azure refuses:
calls without outputs, and anything beside the reference that the agent defines.
"""

import json
import re
from collections import deque
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from tests.azure_fakes.cloud import Request, Response
from tests.azure_fakes.openai_models import check_pairs, refusal
from tests.azure_fakes.openai_replies import Say, build_response, stream_response

ROOT = "/api/projects/analisis_fer"


@dataclass
class FoundryAgents:
    """`agents`: the versions of each; `replies`: what agents answer, in order; `fail_after`: cut off after requests.

    `streams`: some servers answer whole, though a stream was asked for. `deletes_after_reply`: somebody deletes them.
    `unsearchable`: a part of the names of files that cannot be searched.
    """

    agents: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    replies: deque[Say] = field(default_factory=deque)
    conversations: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    files: dict[str, dict[str, Any]] = field(default_factory=dict)
    stores: dict[str, dict[str, Any]] = field(default_factory=dict)
    fail_after: int = 10**9
    streams: bool = True
    deletes_after_reply: bool = False
    unsearchable: str = "\0"
    numbers: "count[int]" = field(default_factory=lambda: count(1))

    def __call__(self, request: Request) -> Response:
        self.fail_after -= 1
        if self.fail_after < 0:
            return Response(200, {}, cut=0)
        path = request.path.removeprefix(ROOT)
        if path.startswith("/openai/v1/"):
            return self.openai(request, path.removeprefix("/openai/v1/"))
        return self.manage(request, path)

    def manage(self, request: Request, path: str) -> Response:
        """The agents and their versions."""
        if path == "/agents":
            return Response(200, {"data": [self.details(name) for name in self.agents], "has_more": False})
        name = path.split("/")[2]
        if request.method == "POST":
            versions = self.agents.setdefault(name, [])
            versions.append(version_of(name, len(versions) + 1, request.body))
            return Response(200, versions[-1])
        if name not in self.agents:
            return Response(404, {"error": {"code": "not_found", "message": f"Agent {name} doesn't exist"}})
        if request.method == "DELETE":
            del self.agents[name]
            return Response(200, {"object": "agent.deleted", "name": name, "deleted": True})
        return Response(200, self.details(name))

    def details(self, name: str) -> dict[str, Any]:
        return {"object": "agent", "id": name, "name": name, "versions": {"latest": self.agents[name][-1]}}

    def openai(self, request: Request, path: str) -> Response:
        if path == "responses":
            return self.respond(request.body)
        if path == "conversations":
            name = f"conv_{next(self.numbers)}"
            self.conversations[name] = []
            return Response(200, {"id": name, "object": "conversation", "created_at": 1, "metadata": {}})
        if match := re.fullmatch(r"conversations/(\w+)/items", path):
            if match[1] not in self.conversations:
                return refusal(404, "", f"Conversation with id '{match[1]}' not found.")
            return listing(self.conversations[match[1]])
        return self.keep_files(request, path)

    def respond(self, body: Any) -> Response:
        if set(body) - {"conversation", "input", "agent_reference", "stream"}:
            return refusal(400, "invalid_payload", "Not allowed when agent is specified.")
        name = body["agent_reference"]["name"]
        if name not in self.agents:
            return refusal(404, "not_found", f"Agent {name} doesn't exist")
        items = self.conversations[body["conversation"]]
        if wrong := check_pairs([*items, *body["input"]]):
            return wrong
        say = self.replies.popleft()
        response = build_response("gpt-5.4-mini", say)
        items += [*body["input"], *response["output"]]
        if self.deletes_after_reply:
            self.agents.clear()
        if not body.get("stream") or not self.streams:
            return Response(200, response)
        return Response(200, stream_response(response, say), {"Content-Type": "text/event-stream"}, cut=say.cut)

    def keep_files(self, request: Request, path: str) -> Response:
        """Files and vector stores."""
        parts = path.split("/")
        if request.method == "DELETE":
            kept = (
                self.files if parts[0] == "files" else self.stores if len(parts) == 2 else self.stores[parts[1]]["ids"]
            )
            del kept[parts[-1]]
            return Response(200, {"id": parts[-1], "deleted": True, "object": "deleted"})
        if parts[0] == "files":
            return self.upload(request) if request.method == "POST" else listing(list(self.files.values()))
        if len(parts) == 1:
            return self.create_store(request) if request.method == "POST" else listing(list(self.stores.values()))
        store = self.stores[parts[1]]
        if request.method == "POST":
            store["ids"][request.body["file_id"]] = self.index_file(request.body["file_id"])
        if len(parts) == 4 or request.method == "POST":
            return Response(200, store["ids"][parts[3] if len(parts) == 4 else request.body["file_id"]])
        return listing(list(store["ids"].values()))

    def index_file(self, file_id: str) -> dict[str, Any]:
        """A file in a vector store: its id, and whether it can be searched."""
        if self.unsearchable in self.files[file_id]["filename"]:
            error = {"code": "unsupported_file", "message": "The file type is not supported."}
            return {"id": file_id, "status": "failed", "last_error": error}
        return {"id": file_id, "status": "completed"}

    def upload(self, request: Request) -> Response:
        name = re.search(rb'filename="([^"]+)"', request.body)
        made = {"id": f"file_{next(self.numbers)}", "filename": name[1].decode() if name else "", "object": "file"}
        self.files[made["id"]] = made | {"bytes": 1, "created_at": 1, "purpose": "assistants", "status": "processed"}
        return Response(200, self.files[made["id"]])

    def create_store(self, request: Request) -> Response:
        made = {"id": f"vs_{next(self.numbers)}", "name": request.body["name"], "object": "vector_store", "ids": {}}
        self.stores[made["id"]] = made
        return Response(200, made)


def version_of(name: str, number: int, body: dict[str, Any]) -> dict[str, Any]:
    head = {"object": "agent.version", "id": f"{name}:{number}", "name": name, "version": str(number), "created_at": 1}
    return json.loads(json.dumps(head | body))  # type: ignore[no-any-return]


def listing(items: list[Any]) -> Response:
    return Response(200, {"object": "list", "data": items, "has_more": False, "first_id": None, "last_id": None})
