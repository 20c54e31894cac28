"""Lists of resources: those of a resource group, those of the subscription with a tag, and the children of one.

https://learn.microsoft.com/rest/api/resources/resources/list
https://learn.microsoft.com/rest/api/resources/resources/list-by-resource-group
"""

import re
from dataclasses import dataclass, field
from typing import Any

from tests.azure_fakes.answers import answer
from tests.azure_fakes.arm_ids import scope_of, type_of
from tests.azure_fakes.azure import ROOT, ArmError, Azure, Resource
from tests.azure_fakes.cloud import Request, Response
from tests.azure_fakes.resource_manager import list_page, path_below
from tests.azure_fakes.resources import is_resource

FILTER = re.compile(r"tagName eq '(\w+)' and tagValue eq '(\w+)'")


def put_resource(azure: Azure, kind: str, name: str, tags: dict[str, str] | None, group: str, **body: Any) -> Resource:
    """Put a resource into a group, which is made too."""
    azure.put(f"{ROOT}/resourceGroups/{group}", {"location": "swedencentral"})
    content = {"location": "swedencentral", **({"tags": tags} if tags else {}), **body}
    return azure.put(f"{ROOT}/resourceGroups/{group}/providers/{kind}/{name}", content)


@dataclass
class ResourceLists:
    """Azure lists what has a location, with the names of all levels: accounts, and the projects in them.

    `stale`: what the next lists by tag, `stale_lists` of them, contain although it is gone, as happens in Azure.
    """

    azure: Azure
    stale_lists: int = 0
    stale: list[dict[str, Any]] = field(default_factory=list)

    def keep_stale(self, lists: int) -> None:
        """Let so many lists by tag after a deletion contain what is there now."""
        self.stale_lists, self.stale = lists, self.list_below(ROOT)

    def __call__(self, request: Request) -> Response | None:
        path = path_below(request, ROOT)
        group = re.fullmatch(r"/resourcegroups/([^/]+)/resources", path or "")
        if group:
            if self.azure.find(f"{ROOT}/resourceGroups/{group[1]}") is None:
                raise ArmError(404, "ResourceGroupNotFound", f"Resource group '{group[1]}' could not be found.")
            return list_page(request, self.list_below(f"{ROOT}/resourceGroups/{group[1]}"))
        if path != "/resources":
            return self.list_children(request)
        named = FILTER.fullmatch(request.query.get("$filter", ""))
        if named is None:
            raise ArmError(400, "InvalidFilterInQueryString", "Invalid $filter.")
        found = [each for each in self.list_all() if (each.get("tags") or {}).get(named[1]) == named[2]]
        return list_page(request, found)

    def list_children(self, request: Request) -> Response | None:
        """The children of one type, such as an account's projects; None for any other path."""
        parent = request.path.rpartition("/")[0]
        with self.azure.locked():
            if request.method != "GET" or not is_resource(parent) or self.azure.find(parent) is None:
                return None
            start = f"{request.path}/".lower()
            children = [each for each in self.azure.below(parent) if each.id.lower().startswith(start)]
            return list_page(request, [answer(each) for each in children if "/" not in each.id[len(start) :]])

    def list_below(self, identity: str) -> list[dict[str, Any]]:
        with self.azure.locked():
            tracked = [
                each for each in self.azure.below(identity) if "location" in each.body and "/providers/" in each.id
            ]
            return [listed(each) for each in sorted(tracked, key=lambda each: each.id.lower())]

    def list_all(self) -> list[dict[str, Any]]:
        """Everything in the subscription; for some lists also what was there before."""
        now = self.list_below(ROOT)
        gone = [each for each in self.stale if each not in now]
        if not gone or self.stale_lists <= 0:
            return now
        self.stale_lists -= 1
        return [*now, *gone]


def listed(resource: Resource) -> dict[str, Any]:
    """A resource as Azure lists it."""
    names = resource.id.removeprefix(f"{scope_of(resource.id)}/providers/").split("/")[2::2]
    keys = {key: resource.body[key] for key in ("location", "tags", "sku", "kind") if key in resource.body}
    return {"id": resource.id, "name": "/".join(names), "type": type_of(resource.id), **keys}
