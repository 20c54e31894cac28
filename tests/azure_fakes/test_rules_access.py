"""Each rule of access: regions, providers, permissions and role assignments."""

from typing import Any

from tests.azure_fakes.arm_requests import (
    ASSIGNMENT,
    BODIES,
    FACTORY,
    GROUP,
    SERVER,
    STORAGE,
    ArmRequests,
    changed,
    code,
)
from tests.azure_fakes.azure import DEPLOYER, Azure

CONTRIBUTOR: list[dict[str, Any]] = [{"actions": ["*"], "notActions": ["Microsoft.Authorization/*/Write"]}]


def test_a_policy_limits_the_regions_but_not_that_of_the_group() -> None:
    arm = ArmRequests(Azure(allowed_locations=["koreacentral"]))
    assert arm.put(GROUP).status == 201
    assert code(arm.put(STORAGE)) == "RequestDisallowedByAzure"
    assert arm.put(STORAGE, changed(BODIES[STORAGE], location="Korea Central")).status == 201


def test_a_provider_must_be_registered() -> None:
    arm = ArmRequests()
    arm.make()
    arm.azure.providers["Microsoft.Storage"] = "NotRegistered"
    assert code(arm.put(STORAGE)) == "MissingSubscriptionRegistration"


def test_a_contributor_creates_everything_but_assigns_no_role() -> None:
    arm = ArmRequests(Azure(permissions=CONTRIBUTOR))
    arm.make(STORAGE)
    assert code(arm.put(ASSIGNMENT)) == "AuthorizationFailed"
    arm.azure.permissions = [{"actions": ["*/read"], "notActions": []}]
    assert code(arm.put(STORAGE)) == "AuthorizationFailed"
    assert code(arm.send("DELETE", STORAGE)) == "AuthorizationFailed"


def test_a_role_is_assigned_once_at_a_scope() -> None:
    arm = ArmRequests()
    arm.make(STORAGE, FACTORY, ASSIGNMENT)
    second = f"{ASSIGNMENT[:-1]}2"
    assert code(arm.put(second, BODIES[ASSIGNMENT])) == "RoleAssignmentExists"
    assert arm.put(second, changed(BODIES[ASSIGNMENT], properties__roleDefinitionId="/x/role-2")).status == 201
    assert arm.put(second.replace(STORAGE, FACTORY), BODIES[ASSIGNMENT]).status == 201


def test_a_new_identity_is_unknown_unless_its_type_is_given() -> None:
    arm = ArmRequests()
    arm.make(STORAGE, FACTORY)
    (identity,) = arm.azure.principals
    body = changed(BODIES[ASSIGNMENT], properties__principalId=identity)
    assert code(arm.put(ASSIGNMENT, body)) == "PrincipalNotFound"
    body = changed(body, properties__principalType="ServicePrincipal")
    assert arm.put(ASSIGNMENT, body).status == 201
    arm.azure.replication_seconds = 0.0
    other = changed(body, properties__principalType="User", properties__roleDefinitionId="/x/role-2")
    assert code(arm.put(f"{ASSIGNMENT[:-1]}2", other)) == "UnmatchedPrincipalType"


def test_an_unknown_principal_is_not_found() -> None:
    arm = ArmRequests()
    arm.make(STORAGE)
    assert code(arm.put(ASSIGNMENT, changed(BODIES[ASSIGNMENT], properties__principalId="x"))) == "PrincipalNotFound"
    assert arm.put(ASSIGNMENT, changed(BODIES[ASSIGNMENT], properties__principalId=DEPLOYER)).status == 201


def test_some_properties_are_never_changed_in_place() -> None:
    arm = ArmRequests()
    arm.make(STORAGE, SERVER, ASSIGNMENT)
    other_role = changed(BODIES[ASSIGNMENT], properties__roleDefinitionId="/x/role-2")
    assert code(arm.put(ASSIGNMENT, other_role)) == "RoleAssignmentUpdateNotPermitted"
    other_login = changed(BODIES[SERVER], properties__administratorLogin="someone")
    assert code(arm.put(SERVER, other_login)) == "ParameterChangeNotAllowed"
    assert arm.put(SERVER).status == 200
