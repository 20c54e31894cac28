"""Lists of resources: of a group, by a tag, and of one resource's children."""

from typing import Any

from tests.azure_fakes.arm_requests import ACCOUNT, GROUP, PROJECT, STORAGE, TOKEN, ArmRequests, changed
from tests.azure_fakes.arm_requests import BODIES as BODY
from tests.azure_fakes.azure import HOST, ROOT
from tests.azure_fakes.cloud import Request
from tests.azure_fakes.resource_lists import ResourceLists

TAGGED = {"$filter": "tagName eq 'stack' and tagValue eq 'dev'"}


def names(lists: ResourceLists, path: str, **query: str) -> list[str]:
    """The names on all pages of a list."""
    found: list[str] = []
    start: int | None = 0
    while start is not None:
        paged = {"api-version": "2021-04-01", **query, "$skiptoken": str(start)}
        answer = lists(Request("GET", HOST, path, paged, TOKEN, None))
        assert answer
        body: Any = answer.body
        found += [each["name"] for each in body["value"]]
        start = start + 2 if "nextLink" in body else None
    return found


def test_a_group_lists_what_has_a_location_with_the_names_of_all_levels() -> None:
    arm = ArmRequests()
    arm.make(STORAGE, ACCOUNT, PROJECT)
    arm.azure.put(f"{STORAGE}/blobServices/default/containers/raw", {"properties": {}})
    assert names(ResourceLists(arm.azure), f"{GROUP}/resources") == ["ai-lake", "ai-lake/faces", "stlake"]


def test_a_tag_is_found_in_every_group_and_for_some_lists_after_the_deletion() -> None:
    arm = ArmRequests()
    arm.make(ACCOUNT)
    arm.put(STORAGE, changed(BODY[STORAGE], tags={"stack": "dev"}))
    lists = ResourceLists(arm.azure)
    assert names(lists, f"{ROOT}/resources", **TAGGED) == ["stlake"]
    lists.keep_stale(1)
    arm.send("DELETE", STORAGE)
    assert names(lists, f"{ROOT}/resources", **TAGGED) == ["stlake"]
    assert names(lists, f"{ROOT}/resources", **TAGGED) == []


def test_the_children_of_one_type_are_listed_without_theirs() -> None:
    arm = ArmRequests()
    arm.make(ACCOUNT, PROJECT)
    arm.azure.put(f"{PROJECT}/capabilityHosts/agents", {"properties": {}})
    lists = ResourceLists(arm.azure)
    assert names(lists, f"{ACCOUNT}/projects") == ["faces"]
    assert names(lists, f"{PROJECT}/capabilityHosts") == ["agents"]
    assert lists(Request("GET", HOST, f"{STORAGE}/blobServices", {}, TOKEN, None)) is None
