"""Which resources Azure is asked for, and whether what it has is this stack's."""

from typing import Any

import pytest

from jobs.recover.candidates import UNKNOWN, Candidate, find_pending, find_planned, find_subscription
from jobs.recover.ownership import find_objection
from jobs.recover.state import Record, without_missing_references
from tests.jobs.recover.small_pulumi import (
    GROUP_ID,
    GROUP_URN,
    PREFIX,
    ROOT_URN,
    SUBSCRIPTION,
    TAGS,
    account_id,
    account_record,
    first_resources,
    record,
)

ROLE_INPUTS = {
    "scope": account_id(),
    "principalId": "p",
    "roleDefinitionId": f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/reader",
    "roleAssignmentName": "r",
}


def plan(*records: Record) -> list[Record]:
    return [{"op": "create", "newState": each} for each in records]


def planned(*records: Record) -> list[Candidate]:
    return find_planned(plan(*records), first_resources(), SUBSCRIPTION)


def test_only_creates_of_known_types_are_asked_for() -> None:
    other = record("azure-native:compute:VirtualMachine", "vm", {"vmName": "vm", "resourceGroupName": "rg"})
    operations = [
        {"type": "creating", "resource": account_record()},
        {"type": "creating", "resource": other},
        {"type": "updating", "resource": account_record("pictures")},
    ]
    assert [each.id for each in find_pending(operations, SUBSCRIPTION)] == [account_id()]


def test_a_planned_create_needs_its_provider() -> None:
    elsewhere = account_record("elsewhere") | {"provider": f"{PREFIX}pulumi:providers:azure-native::own::2"}
    assert [each.id for each in planned(elsewhere, account_record())] == [account_id()]


def test_an_unknown_input_is_left_out_unless_it_is_a_name_or_replaces_the_resource() -> None:
    unknown = account_record()
    unknown["inputs"] = unknown["inputs"] | {"sku": {"name": UNKNOWN}}
    (found,) = planned(unknown)
    assert not found.is_complete and found.inputs["sku"] == {}
    assert planned(unknown | {"replaceOnChanges": ["sku.name"]}) == []
    unnamed = account_record()
    unnamed["inputs"] = unnamed["inputs"] | {"accountName": UNKNOWN}
    assert planned(unnamed) == []


def test_a_planned_update_is_not_asked_for() -> None:
    steps = [{"op": "update", "newState": account_record()}]
    assert find_planned(steps, first_resources(), SUBSCRIPTION) == []


def test_a_secret_is_left_out_of_the_inputs() -> None:
    account = account_record()
    account["inputs"] = account["inputs"] | {"key": "[secret]", "more": [{"value": "[secret]", "kept": 1}, "[secret]"]}
    (found,) = planned(account)
    assert found.is_complete and "key" not in found.inputs and found.inputs["more"] == [{"kept": 1}]


def test_components_that_the_state_lacks_come_with_it() -> None:
    outer = {"urn": f"{PREFIX}infra:Outer::o", "custom": False, "type": "infra:Outer", "parent": ROOT_URN}
    inner = {"urn": f"{PREFIX}infra:Inner::i", "custom": False, "type": "infra:Inner", "parent": outer["urn"]}
    (found,) = planned(outer, inner, account_record() | {"parent": inner["urn"]})
    assert found.components == (outer, inner)


def test_the_subscription_is_that_of_any_id() -> None:
    assert find_subscription([{"a": [{"b": GROUP_ID}]}, ["/subscriptions/none"]]) == SUBSCRIPTION
    assert find_subscription([{"a": "text"}]) == ""


def test_references_to_what_is_missing_are_left_out() -> None:
    lone = account_record() | {
        "dependencies": [GROUP_URN, "urn:missing"],
        "propertyDependencies": {"accountName": ["urn:missing"], "tags": None},
        "deletedWith": "urn:missing",
    }
    *_, found = without_missing_references([*first_resources(), lone])
    assert found["dependencies"] == [GROUP_URN] and "deletedWith" not in found
    assert found["propertyDependencies"] == {"accountName": [], "tags": []}


@pytest.mark.parametrize(
    ("tags", "objection"),
    [
        (TAGS | {"more": "x"}, ""),
        ({}, "its tags are none, and this stack's project=vector-lake, stack=dev"),
        (TAGS | {"stack": "prod"}, "its tags are project=vector-lake, stack=prod"),
    ],
)
def test_the_tags_say_whose_it_is(tags: dict[str, str], objection: str) -> None:
    candidate = Candidate(account_record() | {"id": account_id()})
    found = find_objection(candidate, candidate.record | {"outputs": {"tags": tags}}, {GROUP_ID.lower()})
    assert found.startswith(objection) and bool(found) == bool(objection)


def test_what_is_in_a_resource_of_others_is_theirs() -> None:
    candidate = Candidate(account_record() | {"id": account_id()})
    found = find_objection(candidate, candidate.record | {"outputs": {"tags": TAGS}}, set())
    assert found == "it is in a resource that is not of this stack"


@pytest.mark.parametrize(
    ("change", "objection"),
    [
        ({}, ""),
        ({"roleDefinitionId": "/providers/Microsoft.Authorization/roleDefinitions/READER"}, ""),
        ({"principalId": "q"}, "its principalId is q, and this stack's p"),
        ({"roleDefinitionId": "/roleDefinitions/owner"}, "its roleDefinitionId is owner, and this stack's reader"),
        ({"scope": GROUP_ID}, "its scope is"),
    ],
)
def test_a_role_assignment_is_compared_by_principal_role_and_scope(change: dict[str, Any], objection: str) -> None:
    role = record("azure-native:authorization:RoleAssignment", "role", ROLE_INPUTS)
    role["id"] = f"{account_id()}/providers/Microsoft.Authorization/roleAssignments/r"
    known = {GROUP_ID.lower(), account_id().lower()}
    found = find_objection(Candidate(role), role | {"outputs": ROLE_INPUTS | change}, known)
    assert found.startswith(objection) and bool(found) == bool(objection)
