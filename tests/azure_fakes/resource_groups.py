"""Lists of resources: those of a resource group, and those of the subscription with a tag.

https://learn.microsoft.com/rest/api/resources/resources/list
https://learn.microsoft.com/rest/api/resources/resources/list-by-resource-group
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.azure_fakes.cloud import Answer, Request
from tests.azure_fakes.resource_manager import ROOT, below, paged, refusal


def resource(kind: str, name: str, tags: dict[str, str] | None, group: str) -> dict[str, Any]:
    """A resource as Azure lists it."""
    at = f"{ROOT}/resourceGroups/{group}/providers/{kind}/{name}"
    return {"id": at, "name": name, "type": kind, "location": "swedencentral"} | ({"tags": tags} if tags else {})


@dataclass
class ResourceGroups:
    """The resource group of a stack.

    `resources`: in the group until `gone` returns True. `elsewhere`: in other groups. `lagging`: how many lists by tag
    still contain the resources after they are gone, as happens in Azure.
    """

    group: str
    gone: Callable[[], bool]
    resources: list[dict[str, Any]] = field(default_factory=list)
    elsewhere: list[dict[str, Any]] = field(default_factory=list)
    lagging: int = 0

    def __call__(self, request: Request) -> Answer | None:
        path = below(request, ROOT)
        if path == f"/resourcegroups/{self.group}/resources":
            if self.gone():
                return refusal(404, "ResourceGroupNotFound")
            return paged(request, self.resources)
        if path != "/resources":
            return None
        named = re.fullmatch(r"tagName eq '(\w+)' and tagValue eq '(\w+)'", request.query.get("$filter", ""))
        if named is None:
            return refusal(400, "InvalidFilterInQueryString")
        return paged(request, [each for each in self.listed() if (each.get("tags") or {}).get(named[1]) == named[2]])

    def listed(self) -> list[dict[str, Any]]:
        if not self.gone():
            return self.resources + self.elsewhere
        self.lagging -= 1
        return self.elsewhere + (self.resources if self.lagging >= 0 else [])
