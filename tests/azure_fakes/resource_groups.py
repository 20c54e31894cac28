"""Lists of resources: those of a resource group, and those of the subscription with a tag.

https://learn.microsoft.com/rest/api/resources/resources/list
https://learn.microsoft.com/rest/api/resources/resources/list-by-resource-group
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.azure_fakes.cloud import Request, Response
from tests.azure_fakes.resource_manager import ROOT, error_response, list_page, path_below


def resource(kind: str, name: str, tags: dict[str, str] | None, group: str) -> dict[str, Any]:
    """A resource as Azure lists it."""
    at = f"{ROOT}/resourceGroups/{group}/providers/{kind}/{name}"
    return {"id": at, "name": name, "type": kind, "location": "swedencentral"} | ({"tags": tags} if tags else {})


@dataclass
class ResourceGroups:
    """The resource group of a stack.

    `resources`: in the group until `is_gone` returns True. `other_resources`: in other groups. `stale_lists`: how many
    lists by tag still contain the resources after they are gone, as happens in Azure.
    """

    group: str
    is_gone: Callable[[], bool]
    resources: list[dict[str, Any]] = field(default_factory=list)
    other_resources: list[dict[str, Any]] = field(default_factory=list)
    stale_lists: int = 0

    def __call__(self, request: Request) -> Response | None:
        path = path_below(request, ROOT)
        if path == f"/resourcegroups/{self.group}/resources":
            if self.is_gone():
                return error_response(404, "ResourceGroupNotFound")
            return list_page(request, self.resources)
        if path != "/resources":
            return None
        named = re.fullmatch(r"tagName eq '(\w+)' and tagValue eq '(\w+)'", request.query.get("$filter", ""))
        if named is None:
            return error_response(400, "InvalidFilterInQueryString")
        return list_page(
            request, [each for each in self.list_all() if (each.get("tags") or {}).get(named[1]) == named[2]]
        )

    def list_all(self) -> list[dict[str, Any]]:
        if not self.is_gone():
            return self.resources + self.other_resources
        self.stale_lists -= 1
        return self.other_resources + (self.resources if self.stale_lists >= 0 else [])
