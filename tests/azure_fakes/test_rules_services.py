"""Each rule of a single service: PostgreSQL, models, budgets, and Azure's own types."""

from typing import Any

import pytest

from tests.azure_fakes.arm_requests import (
    ACCOUNT,
    BODIES,
    CHAT,
    GROUP,
    PASSWORD,
    SERVER,
    STORAGE,
    ArmRequests,
    changed,
    code,
)
from tests.azure_fakes.model_offers import model

ADMIN = f"{SERVER}/administrators/44444444-4444-4444-4444-444444444444"
BUDGET = f"{GROUP}/providers/Microsoft.Consumption/budgets/budget"


def test_a_body_is_held_to_azures_type() -> None:
    arm = ArmRequests()
    arm.make()
    answer = arm.put(STORAGE, changed(BODIES[STORAGE], properties__isHnsEnabled="yes"))
    assert "'yes' is not a boolean" in answer.body["error"]["message"]
    assert code(arm.put(f"{GROUP}/providers/Microsoft.Nothing/things/x", {})) == "InvalidResourceType"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"properties__administratorLogin": "admin"}, "ParameterOutOfRange"),
        ({"properties__administratorLogin": "pg_x"}, "ParameterOutOfRange"),
        ({"properties__administratorLoginPassword": ""}, "MissingParameter"),
        ({"properties__administratorLoginPassword": "short-1A"[:6]}, "PasswordNotComplex"),
        ({"properties__administratorLoginPassword": "onlysmallletters"}, "PasswordNotComplex"),
        ({"properties__administratorLoginPassword": f"{PASSWORD}-feradmin"}, "PasswordNotComplex"),
        ({"properties__highAvailability": {"mode": "ZoneRedundant"}}, "HANotSupportedForBurstable"),
    ],
)
def test_a_server_that_azure_does_not_offer_is_refused(changes: dict[str, Any], expected: str) -> None:
    arm = ArmRequests()
    arm.make()
    assert code(arm.put(SERVER, changed(BODIES[SERVER], **changes))) == expected


def test_a_servers_version_only_goes_up() -> None:
    arm = ArmRequests()
    arm.make(SERVER)
    assert code(arm.put(SERVER, changed(BODIES[SERVER], properties__version="16"))) == "VersionDowngradeNotAllowed"
    assert arm.put(SERVER, changed(BODIES[SERVER], properties__version="18")).status == 200


def test_an_entra_administrator_needs_entra_and_a_short_name() -> None:
    arm = ArmRequests()
    body = {"properties": {"principalName": "ana@example.edu", "principalType": "User", "tenantId": "t"}}
    arm.make(SERVER)
    assert code(arm.put(ADMIN, changed(body, properties__principalName="x" * 64))) == "InvalidParameterValue"
    assert arm.put(ADMIN, body).status == 201
    arm.put(SERVER, changed(BODIES[SERVER], properties__authConfig={"activeDirectoryAuth": "Disabled"}))
    assert code(arm.put(ADMIN, body)) == "AadAuthDisabled"


def test_a_budget_starts_with_a_month() -> None:
    arm = ArmRequests()
    arm.make()
    period = {"startDate": "2026-11-15T00:00:00Z"}
    body = {"properties": {"amount": 1, "category": "Cost", "timeGrain": "Monthly", "timePeriod": period}}
    assert "first day of a month" in arm.put(BUDGET, body).body["error"]["message"]
    assert arm.put(BUDGET, changed(body, properties__timePeriod={"startDate": "2026-11-01"})).status == 201


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"properties__model__version": "2020-01-01"}, "DeploymentModelNotSupported"),
        ({"properties__model__name": "o3"}, "DeploymentModelNotSupported"),
        ({"properties__model__format": "Mistral"}, "DeploymentModelNotSupported"),
        ({"properties__model__name": "old", "properties__model__version": "1"}, "ServiceModelDeprecating"),
        ({"sku__name": "Standard"}, "InvalidResourceProperties"),
        ({"sku__capacity": 11}, "InsufficientQuota"),
    ],
)
def test_a_model_that_is_not_offered_is_refused(changes: dict[str, Any], expected: str) -> None:
    arm = ArmRequests()
    arm.azure.models.append(model("old", "1", lifecycleStatus="Deprecating"))
    arm.make(ACCOUNT)
    assert code(arm.put(CHAT, changed(BODIES[CHAT], **changes))) == expected


def test_a_deleted_account_holds_its_quota_until_it_is_purged() -> None:
    arm = ArmRequests()
    arm.make(ACCOUNT, CHAT)
    assert arm.put(f"{CHAT}-2", BODIES[CHAT]).status == 201
    assert code(arm.put(f"{CHAT}-3", BODIES[CHAT])) == "InsufficientQuota"
    arm.send("DELETE", ACCOUNT)
    other = changed(BODIES[ACCOUNT], properties__customSubDomainName="ai-other")
    arm.put(f"{ACCOUNT}-2", other)
    deployment = CHAT.replace("ai-lake", "ai-lake-2")
    assert code(arm.put(deployment, BODIES[CHAT])) == "InsufficientQuota"
    arm.azure.purge(ACCOUNT)
    assert arm.put(deployment, BODIES[CHAT]).status == 201


def test_a_deployment_changes_version_or_capacity_one_at_a_time() -> None:
    arm = ArmRequests()
    arm.azure.models.append(model("gpt-5.4-mini", "2027-01-01"))
    arm.make(ACCOUNT, CHAT)
    newer = changed(BODIES[CHAT], properties__model__version="2027-01-01")
    assert code(arm.put(CHAT, changed(newer, sku__capacity=5))) == "InvalidResourceProperties"
    assert arm.put(CHAT, newer).status == 200
    other = changed(newer, properties__model__name="gpt-5.6-luna", properties__model__version="2026-07-09")
    assert code(arm.put(CHAT, other)) == "CannotChangeDeploymentModel"


def test_a_provisioned_deployment_takes_another_family_in_place() -> None:
    sku, date = "GlobalProvisionedManaged", "2199-01-01T00:00:00Z"
    arm = ArmRequests()
    arm.azure.models = [model("gpt-5.1", "1", skus=[(sku, date)]), model("gpt-5.6-luna", "1", skus=[(sku, date)])]
    arm.make(ACCOUNT)
    before = changed(BODIES[CHAT], sku__name=sku, properties__model__name="gpt-5.1", properties__model__version="1")
    assert arm.put(CHAT, before).status == 201
    after = changed(before, properties__model__name="gpt-5.6-luna")
    assert code(arm.put(CHAT, changed(after, sku__capacity=9))) == "InvalidResourceProperties"
    assert arm.put(CHAT, after).status == 200
