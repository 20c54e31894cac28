"""What a Foundry account holds and Azure does not delete with it, and the deletion of a resource group.

https://learn.microsoft.com/rest/api/aiservices/accountmanagement/projects
https://learn.microsoft.com/rest/api/aiservices/accountmanagement/account-capability-hosts
https://learn.microsoft.com/rest/api/resources/resource-groups/delete
"""

from dataclasses import dataclass, field
from typing import Any

from tests.azure_fakes.cloud import Request, Response
from tests.azure_fakes.resource_manager import error_response

COLLECTIONS = ("projects", "capabilityhosts")


@dataclass
class FoundryChildren:
    """`children`: projects and capability hosts by their path. `group`: a resource group, or None if it is not there.

    `refuses`: the paths that Azure does not delete. Paths are in lower case.
    """

    group: dict[str, Any] | None = None
    children: dict[str, dict[str, Any]] = field(default_factory=dict)
    refuses: set[str] = field(default_factory=set)
    deleted: list[str] = field(default_factory=list)

    def add(self, path: str, tags: dict[str, str] | None = None) -> None:
        self.children[path.lower()] = {"id": path, "name": path.rpartition("/")[2]} | ({"tags": tags} if tags else {})

    def __call__(self, request: Request) -> Response | None:
        path = request.path.lower()
        if self.group and path == self.group["id"].lower():
            return self.answer(request, self.group)
        if path in self.children:
            return self.answer(request, self.children[path])
        if path.rpartition("/")[2] in COLLECTIONS:
            found = [each for key, each in self.children.items() if key.rpartition("/")[0] == path]
            return Response(200, {"value": found})
        return None

    def answer(self, request: Request, resource: dict[str, Any]) -> Response:
        path = request.path.lower()
        if request.method != "DELETE":
            return Response(200, resource)
        if path in self.refuses or any(
            key.startswith(f"{path}/") for key in self.children if resource is not self.group
        ):
            return error_response(409, "CannotDeleteResource", "Cannot delete resource while nested resources exist.")
        self.children.pop(path, None)
        self.deleted.append(request.path)
        return Response(200, {})
