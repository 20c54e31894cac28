"""PostgreSQL flexible servers in Resource Manager: start and stop (api-version 2025-08-01).

https://learn.microsoft.com/rest/api/postgresql/servers (get, start, stop)
https://learn.microsoft.com/azure/azure-resource-manager/management/async-operations
"""

from dataclasses import dataclass, field
from typing import Any

from tests.azure_fakes.arm_ids import is_type
from tests.azure_fakes.azure import HOST, ArmError, Azure, Resource, merged
from tests.azure_fakes.cloud import Request, Response
from tests.azure_fakes.resource_manager import path_below

VERSION = "2025-08-01"
KIND = "Microsoft.DBforPostgreSQL/flexibleServers"
OPERATION = "/subscriptions/the-subscription/providers/Microsoft.DBforPostgreSQL/locations/x/azureAsyncOperation"
ENDS = {"start": "Ready", "stop": "Stopped"}
NEEDS = {"start": "Stopped", "stop": "Ready"}


def put_server(azure: Azure, path: str, state: str = "Ready", **body: Any) -> Resource:
    """A server that runs, with a public address, as it is after `pulumi up`."""
    server = azure.put(path, {**body, "properties": {"network": {"publicNetworkAccess": "Enabled"}}})
    server.assigned = {"properties": {"state": state}}
    return server


@dataclass
class FlexibleServers:
    """Starts and stops every server of the played Azure.

    `states`: what the next reads of a server return in turn; the last one is then its state. `first_responses`: by verb
    (start, stop), responses that are returned before its own, each once. `polls`: how many until an operation ends.
    """

    azure: Azure
    states: list[str] = field(default_factory=list)
    first_responses: dict[str, list[Response]] = field(default_factory=dict)
    polls: int = 2
    _operations: dict[str, Resource] = field(default_factory=dict)

    def __call__(self, request: Request) -> Response | None:
        verb = path_below(request, f"{OPERATION}/")
        if verb is not None:
            return self.poll_operation(verb)
        server_path, _, verb = request.path.rpartition("/")
        if request.method == "GET" and is_type(request.path, KIND) and (found := self.azure.find(request.path)):
            self.check_version(request)
            if self.states:
                set_state(found, self.states.pop(0))
            return None
        found = self.azure.find(server_path)
        if request.method != "POST" or verb not in ENDS or found is None or not is_type(server_path, KIND):
            return None
        self.check_version(request)
        return self.start_operation(verb, found)

    def check_version(self, request: Request) -> None:
        if request.query.get("api-version") != VERSION:
            raise ArmError(400, "NoRegisteredProviderFound", "No registered resource provider found.")

    def start_operation(self, verb: str, server: Resource) -> Response:
        """Accept start or stop as an asynchronous operation."""
        if self.first_responses.get(verb):
            return self.first_responses[verb].pop(0)
        if server.value("properties.state") != NEEDS[verb]:
            raise ArmError(409, "ServerIsBusy", "The server is busy.")
        self._operations[verb] = server
        self.polls = 2
        at = f"https://{HOST}{OPERATION}/{verb}?api-version={VERSION}"
        return Response(202, headers={"Azure-AsyncOperation": at, "Retry-After": "0.01"})

    def poll_operation(self, verb: str) -> Response:
        """One poll of the operation."""
        self.polls -= 1
        if self.polls:
            return Response(200, {"name": verb, "status": "InProgress"}, headers={"Retry-After": "0.01"})
        set_state(self._operations[verb], ENDS[verb])
        return Response(200, {"name": verb, "status": "Succeeded"})


def set_state(server: Resource, state: str) -> None:
    changed: dict[str, Any] = merged(server.assigned, {"properties": {"state": state}})
    server.assigned = changed
