"""Capacity and policy: what a SKU takes is checked first, a PATCH has the SKU only, a PUT everything."""

import json
from typing import Any

import pytest

from tests.azure_fakes.cloud import Request
from tests.azure_fakes.cognitive_services import model, usage
from tests.azure_fakes.model_account import ModelAccount
from tests.jobs.models.shop import LUNA, OTHER, moment
from tests.jobs.student import DoctorCli


def changes(student: DoctorCli) -> list[Request]:
    return [each for each in student.cloud.requests if each.method in ("PUT", "PATCH", "DELETE", "POST")]


def with_rule(student: DoctorCli, **rule: Any) -> None:
    """The pinned deployment's SKU takes these capacities only."""
    luna = model(*LUNA, skus=[("GlobalStandard", moment(412))])
    luna["model"]["skus"][0]["capacity"] = rule
    student.ai.models[2] = luna


def scale(student: DoctorCli, capacity: int, name: str = "pinned") -> tuple[int, str]:
    return student.run("models", "scale", name, str(capacity), *OTHER, "--yes")


def test_the_capacity_is_patched_alone(student: DoctorCli, shop: ModelAccount, sleeps: list[float]) -> None:
    status, _ = scale(student, 20)
    (patch,) = changes(student)
    assert (status, patch.method, patch.body) == (0, "PATCH", {"sku": {"name": "GlobalStandard", "capacity": 20}})
    assert shop.deployments["pinned"]["sku"]["capacity"] == 20


@pytest.mark.parametrize(
    ("rule", "capacity", "ends", "text"),
    [
        ({"minimum": 15, "step": 5}, 10 + 2, 5, "at least 15 thousands of tokens a minute, not 12"),
        ({"minimum": 15, "step": 5}, 22, 5, "steps of 5 from 15"),
        ({"minimum": 15, "step": 5}, 25, 0, ""),
        ({"maximum": 50}, 51, 5, "at most 50"),
        ({"allowedValues": [10, 100]}, 50, 5, "only 10, 100"),
        ({"allowedValues": [10, 100]}, 100, 0, ""),
        ({}, 1001, 3, "990 of 1000 free, 991 are needed"),
        ({}, 0, 2, "1 or more"),
    ],
)
def test_what_the_sku_does_not_take_is_refused(
    student: DoctorCli,
    shop: ModelAccount,
    sleeps: list[float],
    rule: dict[str, Any],
    capacity: int,
    ends: int,
    text: str,
) -> None:
    with_rule(student, **rule)
    status, seen = scale(student, capacity)
    assert (status, len(changes(student))) == (ends, 0 if ends else 1)
    assert text in seen


def test_less_capacity_needs_no_quota(student: DoctorCli, shop: ModelAccount, sleeps: list[float]) -> None:
    student.ai.usages[0] = usage("OpenAI.GlobalStandard.gpt5.6-luna", 1000, 1000)
    assert scale(student, 1)[0] == 0


@pytest.mark.parametrize(("capacity", "ends"), [(1, 0), (11, 3)])
def test_less_capacity_is_possible_where_azure_lowered_the_quota_below_what_is_used(
    student: DoctorCli, shop: ModelAccount, sleeps: list[float], capacity: int, ends: int
) -> None:
    student.ai.usages[0] = usage("OpenAI.GlobalStandard.gpt5.6-luna", 1000, 900)
    assert scale(student, capacity)[0] == ends


@pytest.mark.parametrize(("capacity", "ends"), [(400, 0), (401, 3), (50, 0)])
def test_a_provisioned_one_needs_machines_for_what_is_added(
    student: DoctorCli, shop: ModelAccount, sleeps: list[float], capacity: int, ends: int
) -> None:
    shop.add("ptu", *LUNA, sku="GlobalProvisionedManaged", capacity=100)
    student.ai.usages[2] = usage("OpenAI.GlobalProvisionedManaged.gpt5.6-luna", 100, 9000)
    status, seen = scale(student, capacity, "ptu")
    assert (status, "has room for 300" in seen) == (ends, ends == 3), seen


def test_a_model_that_is_listed_no_more_cannot_be_scaled(student: DoctorCli, shop: ModelAccount) -> None:
    student.ai.models = student.ai.models[:2]
    assert scale(student, 20)[0] == 5


def test_the_policy_is_written_explicitly(student: DoctorCli, shop: ModelAccount, sleeps: list[float]) -> None:
    words = ("models", "policy", "chat", "OnceCurrentVersionExpired", *OTHER, "--yes", "--json")
    status, seen = student.run(*words)
    result = json.loads(seen[seen.index('{"name"') : seen.rindex("}") + 1])
    assert (status, result["before"]["policy"], result["after"]["policy"]) == (0, None, "OnceCurrentVersionExpired")
    assert shop.deployments["chat"]["properties"]["versionUpgradeOption"] == "OnceCurrentVersionExpired"
    assert student.run(*words)[0] == 0
    assert [each.method for each in changes(student)] == ["PUT"]


def test_a_policy_that_azure_shows_as_null_is_what_it_means(
    student: DoctorCli, shop: ModelAccount, sleeps: list[float]
) -> None:
    real = shop.store

    def store(name: str, body: dict[str, Any], state: str = "Succeeded") -> dict[str, Any]:
        return real(name, {**body, "properties": {**body["properties"], "versionUpgradeOption": None}}, state)

    shop.store = store  # type: ignore[method-assign]
    for policy, ends in (("OnceCurrentVersionExpired", 0), ("OnceNewDefaultVersionAvailable", 1)):
        assert student.run("models", "policy", "pinned", policy, *OTHER, "--yes")[0] == ends


def test_the_setting_is_written_only_after_what_azure_did_is_read_back(student: DoctorCli, shop: ModelAccount) -> None:
    status, seen = student.run("models", "scale", "pinned", "20", *OTHER, "--yes", "--write", "--no-wait")
    assert (status, "leave out --no-wait" in seen, changes(student)) == (2, True, [])


def test_an_unknown_policy_is_wrong_usage(student: DoctorCli, shop: ModelAccount) -> None:
    assert student.run("models", "policy", "chat", "Always", *OTHER, "--yes")[0] == 2


def test_regions_are_sorted_by_room(student: DoctorCli, shop: ModelAccount) -> None:
    words = ("models", "regions", "@".join(LUNA), *OTHER, "--json")
    status, seen = student.run(*words, "--capacity", "100")
    found = json.loads(seen)
    assert (status, [(each["region"], each["fits"]) for each in found["regions"]]) == (
        0,
        [("swedencentral", True), ("norwayeast", False)],
    )
    assert [student.run(*words, "--sku", "globalstandard", "--capacity", str(each))[0] for each in (50, 51)] == [0, 3]
    assert student.run("models", "regions", "gpt-9@1", *OTHER)[0] == 5
    asked = [each for each in student.cloud.requests if each.path.endswith("/modelCapacities")]
    assert len(asked) == 4


def test_show_has_azures_document_and_what_happens(student: DoctorCli, shop: ModelAccount) -> None:
    _, seen = student.run("models", "show", "chat", *OTHER, "--json")
    found = json.loads(seen)
    assert found["properties"]["rateLimits"][0]["count"] == 10 and found["systemData"]["lastModifiedBy"]
    assert found["stage"] == "Generally Available" and "moved by Azure" in found["on_that_day"]
    text = student.run("models", "show", "chat", *OTHER)[1]
    assert "null (= OnceCurrentVersionExpired)" in text and "luis@example.edu" in text
