"""An upgrade in place: checked before, sent whole, waited for, read back, and taken up after a kill."""

import json
from typing import Any

import pytest

from tests.azure_fakes.cognitive_services import model, usage
from tests.azure_fakes.model_account import ModelAccount
from tests.jobs.models.shop import LUNA, OTHER, moment
from tests.jobs.models.upgrades import NEWER, changes, upgrade
from tests.jobs.student import DoctorCli


def test_everything_goes_back_but_what_azure_owns(
    student: DoctorCli, newer_shop: ModelAccount, sleeps: list[float]
) -> None:
    newer_shop.deployments["pinned"]["properties"] |= {
        "spilloverDeploymentName": "ptu",
        "deploymentState": "Running",
        "routing": {"mode": "balanced"},
        "dynamicThrottlingEnabled": True,
        "callRateLimit": {"count": 1},
    }
    newer_shop.deployments["pinned"] |= {"tags": {"team": "shop"}}
    newer_shop.deployments["pinned"]["sku"]["tier"] = "Standard"
    status, seen = upgrade(student, "pinned", f"@{NEWER}", "--json")
    (put,) = changes(student)
    assert put.body == {
        "tags": {"team": "shop"},
        "sku": {"name": "GlobalStandard", "capacity": 10, "tier": "Standard"},
        "properties": {
            "model": {"format": "OpenAI", "name": LUNA[0], "version": NEWER},
            "versionUpgradeOption": "NoAutoUpgrade",
            "raiPolicyName": "Microsoft.DefaultV2",
            "spilloverDeploymentName": "ptu",
            "deploymentState": "Running",
            "routing": {"mode": "balanced"},
        },
    }
    result = json.loads(seen[seen.index("{") : seen.rindex("}") + 1])
    assert (status, result["state"], result["verified"], result["setting"], result["written"]) == (
        0,
        "Succeeded",
        True,
        None,
        False,
    )
    assert (result["before"]["version"], result["after"]["version"]) == (LUNA[1], NEWER)


def test_null_is_sent_as_what_it_means(student: DoctorCli, shop: ModelAccount, sleeps: list[float]) -> None:
    student.ai.models.append(model("gpt-5.4-mini", NEWER, skus=[("GlobalStandard", moment(500))]))
    assert upgrade(student, "chat", f"@{NEWER}")[0] == 0
    assert changes(student)[0].body["properties"]["versionUpgradeOption"] == "OnceCurrentVersionExpired"


def test_another_family_of_a_provisioned_one_is_changed_in_place_and_waited_for(
    student: DoctorCli, shop: ModelAccount, sleeps: list[float]
) -> None:
    shop.states = ("Updating",) * 75
    status, seen = upgrade(student, "ptu", "@".join(LUNA))
    assert status == 0, seen
    assert sum(sleeps) == pytest.approx(25 * 60, abs=60)
    assert shop.deployments["ptu"]["properties"]["model"]["name"] == LUNA[0]
    assert "ptu: Updating" in seen and "ptu: Succeeded" in seen
    assert len(changes(student)) == 1


def test_a_deployment_that_changed_since_the_plan_is_refused(student: DoctorCli, newer_shop: ModelAccount) -> None:
    reads = []
    real = newer_shop.read

    def read(name: str) -> Any:
        reads.append(name)
        if len(reads) == 2:
            newer_shop.store(
                "pinned", {**newer_shop.deployments["pinned"], "sku": {"name": "GlobalStandard", "capacity": 99}}
            )
        return real(name)

    newer_shop.read = read  # type: ignore[method-assign]
    status, seen = upgrade(student, "pinned", f"@{NEWER}")
    assert (status, changes(student)) == (1, [])
    assert "changed by others" in seen


# The words, what stands, the exit status, what the sentence says
REFUSED: dict[str, tuple[tuple[str, str], dict[str, Any], int, str]] = {
    "another family by the token": (("chat", "@".join(LUNA)), {}, 5, "migrate start chat gpt-5.6-luna@2026-07-09"),
    "not offered": (("pinned", "@1999-01-01"), {}, 5, "not offered in version 1999-01-01"),
    "not as this SKU": (("ptu", "gpt-5.4-mini@2026-03-17"), {}, 5, "not offered as GlobalProvisionedManaged"),
    "ends soon": (("pinned", f"@{NEWER}"), {"skus": [("GlobalStandard", moment(80))]}, 4, "--runway"),
    "ends a day too soon": (("pinned", f"@{NEWER}"), {"skus": [("GlobalStandard", moment(89))]}, 4, "in less than 90"),
    "retired": (("pinned", f"@{NEWER}"), {"skus": [("GlobalStandard", moment(-1))]}, 4, "is retired since"),
    "deprecating": (("pinned", f"@{NEWER}"), {"lifecycleStatus": "Deprecating"}, 5, "Deprecating"),
    "no version": (("pinned", LUNA[0]), {}, 2, "MODEL@VERSION"),
    "a path": (("../ai", f"@{NEWER}"), {}, 2, "cannot be the name"),
    "not there": (("other", f"@{NEWER}"), {}, 1, "no deployment other"),
}


@pytest.mark.parametrize(("words", "more", "ends", "text"), REFUSED.values(), ids=REFUSED)
def test_what_is_not_possible_is_refused_before_a_change(
    student: DoctorCli, shop: ModelAccount, words: tuple[str, str], more: dict[str, Any], ends: int, text: str
) -> None:
    skus = {"skus": [("GlobalStandard", moment(500))]}
    student.ai.models.append(model(LUNA[0], NEWER, **(skus | more)))
    status, seen = upgrade(student, *words)
    assert (status, changes(student)) == (ends, [])
    assert text in seen


def test_a_target_that_lives_as_long_as_the_runway_is_taken(
    student: DoctorCli, shop: ModelAccount, sleeps: list[float]
) -> None:
    student.ai.models.append(model(LUNA[0], NEWER, skus=[("GlobalStandard", moment(90))]))
    assert upgrade(student, "pinned", f"@{NEWER}")[0] == 0


def test_a_quota_or_a_region_without_room_is_refused(student: DoctorCli, shop: ModelAccount) -> None:
    student.ai.usages[2] = usage("OpenAI.GlobalProvisionedManaged.gpt5.6-luna", 150, 200)
    status, seen = upgrade(student, "ptu", "@".join(LUNA))
    assert (status, "50 of 200 free, 100 are needed" in seen, changes(student)) == (3, True, [])
    student.ai.usages[2] = usage("OpenAI.GlobalProvisionedManaged.gpt5.6-luna", 0, 200)
    shop.deployments["ptu"]["sku"]["capacity"] = 400
    student.ai.usages[2] = usage("OpenAI.GlobalProvisionedManaged.gpt5.6-luna", 0, 900)
    status, seen = upgrade(student, "ptu", "@".join(LUNA))
    assert (status, "has room for 300" in seen, changes(student)) == (3, True, [])


def test_it_asks_before_it_changes(student: DoctorCli, newer_shop: ModelAccount) -> None:
    words = ("models", "upgrade", "pinned", f"@{NEWER}", *OTHER)
    assert student.run(*words)[0] == 2
    status, seen = student.run(*words, "--dry-run", "--json")
    assert (status, changes(student)) == (0, [])
    assert f"version {LUNA[1]} -> {NEWER}" in seen
    assert student.run("models", "upgrade", "pinned", *OTHER, "--yes")[0] == 2
