"""A PostgreSQL flexible server in Resource Manager: its state, start and stop (api-version 2025-08-01).

https://learn.microsoft.com/rest/api/postgresql/servers (get, start, stop)
https://learn.microsoft.com/azure/azure-resource-manager/management/async-operations
"""

from dataclasses import dataclass, field
from typing import Any

from tests.azure_fakes.cloud import Answer, Request
from tests.azure_fakes.resource_manager import HOST, below, refusal

VERSION = "2025-08-01"
OPERATION = "/subscriptions/the-subscription/providers/Microsoft.DBforPostgreSQL/locations/x/azureAsyncOperation"
ENDS = {"start": "Ready", "stop": "Stopped"}
NEEDS = {"start": ("Stopped",), "stop": ("Ready",)}


@dataclass
class FlexibleServer:
    """`at`: the server's path in Resource Manager. `states`: what each poll returns in turn; the last stays.

    `first`: by verb (start, stop), answers that are returned before its own, each once. `looks`: polls until an
    operation has ended.
    """

    at: str
    states: list[str] = field(default_factory=lambda: ["Ready"])
    access: str = "Enabled"
    first: dict[str, list[Answer]] = field(default_factory=dict)
    looks: int = 2

    def __call__(self, request: Request) -> Answer | None:
        verb = below(request, f"{OPERATION}/")
        if verb is not None:
            return self.operation(verb)
        path = below(request, self.at)
        if path is None:
            return None
        if request.query.get("api-version") != VERSION:
            return refusal(400, "NoRegisteredProviderFound")
        if path == "" and request.method == "GET":
            state = self.states.pop(0) if len(self.states) > 1 else self.states[0]
            properties: dict[str, Any] = {"state": state, "network": {"publicNetworkAccess": self.access}}
            return Answer(200, {"name": self.at.rpartition("/")[2], "properties": properties})
        return self.turn(path.removeprefix("/")) if request.method == "POST" else None

    def turn(self, verb: str) -> Answer:
        """Accept start or stop as an asynchronous operation."""
        if self.first.get(verb):
            return self.first[verb].pop(0)
        if self.states[0] not in NEEDS[verb]:
            return refusal(409, "ServerIsBusy")
        self.looks = 2
        at = f"https://{HOST}{OPERATION}/{verb}?api-version={VERSION}"
        return Answer(202, headers={"Azure-AsyncOperation": at, "Retry-After": "0.01"})

    def operation(self, verb: str) -> Answer:
        """One poll of the operation."""
        self.looks -= 1
        if self.looks:
            return Answer(200, {"name": verb, "status": "InProgress"}, headers={"Retry-After": "0.01"})
        self.states = [ENDS[verb]]
        return Answer(200, {"name": verb, "status": "Succeeded"})
