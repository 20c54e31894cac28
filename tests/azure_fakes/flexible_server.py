"""A PostgreSQL flexible server in Resource Manager: its state, start and stop (api-version 2025-08-01).

https://learn.microsoft.com/rest/api/postgresql/servers (get, start, stop)
https://learn.microsoft.com/azure/azure-resource-manager/management/async-operations
"""

from dataclasses import dataclass, field
from typing import Any

from tests.azure_fakes.cloud import Request, Response
from tests.azure_fakes.resource_manager import HOST, error_response, path_below

VERSION = "2025-08-01"
OPERATION = "/subscriptions/the-subscription/providers/Microsoft.DBforPostgreSQL/locations/x/azureAsyncOperation"
ENDS = {"start": "Ready", "stop": "Stopped"}
NEEDS = {"start": ("Stopped",), "stop": ("Ready",)}


@dataclass
class FlexibleServer:
    """`path`: the server's path in Resource Manager. `states`: what each poll returns in turn; the last stays.

    `first_responses`: by verb (start, stop), responses that are returned before its own, each once. `polls`: how many
    until an operation has ended.
    """

    path: str
    states: list[str] = field(default_factory=lambda: ["Ready"])
    access: str = "Enabled"
    first_responses: dict[str, list[Response]] = field(default_factory=dict)
    polls: int = 2

    def __call__(self, request: Request) -> Response | None:
        verb = path_below(request, f"{OPERATION}/")
        if verb is not None:
            return self.poll_operation(verb)
        path = path_below(request, self.path)
        if path is None:
            return None
        if request.query.get("api-version") != VERSION:
            return error_response(400, "NoRegisteredProviderFound")
        if path == "" and request.method == "GET":
            state = self.states.pop(0) if len(self.states) > 1 else self.states[0]
            properties: dict[str, Any] = {"state": state, "network": {"publicNetworkAccess": self.access}}
            return Response(200, {"name": self.path.rpartition("/")[2], "properties": properties})
        return self.start_operation(path.removeprefix("/")) if request.method == "POST" else None

    def start_operation(self, verb: str) -> Response:
        """Accept start or stop as an asynchronous operation."""
        if self.first_responses.get(verb):
            return self.first_responses[verb].pop(0)
        if self.states[0] not in NEEDS[verb]:
            return error_response(409, "ServerIsBusy")
        self.polls = 2
        at = f"https://{HOST}{OPERATION}/{verb}?api-version={VERSION}"
        return Response(202, headers={"Azure-AsyncOperation": at, "Retry-After": "0.01"})

    def poll_operation(self, verb: str) -> Response:
        """One poll of the operation."""
        self.polls -= 1
        if self.polls:
            return Response(200, {"name": verb, "status": "InProgress"}, headers={"Retry-After": "0.01"})
        self.states = [ENDS[verb]]
        return Response(200, {"name": verb, "status": "Succeeded"})
