"""What stands in a subscription: lists of resources, of a group and of all groups, by a tag.

https://learn.microsoft.com/rest/api/resources/resources/list and .../list-by-resource-group
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.azure_fakes.cloud import Answer, Request
from tests.azure_fakes.resource_manager import ROOT, below, paged, refusal


def resource(kind: str, name: str, tags: dict[str, str] | None, group: str) -> dict[str, Any]:
    at = f"{ROOT}/resourceGroups/{group}/providers/{kind}/{name}"
    return {"id": at, "name": name, "type": kind, "location": "swedencentral"} | ({"tags": tags} if tags else {})


@dataclass
class ResourceGroups:
    """`resources` stand until `gone`; `lagging` questions more Azure lists them all the same, as it does."""

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
