"""The preflight of the stack's models: what can be deployed, what cannot, and what only warns."""

import json
from typing import Any

import pytest

from tests.azure_fakes.cognitive_services import deployment, model, usage
from tests.infra.modes import CHAT
from tests.jobs.models.preflight_cases import GONE, SOON, entry, preflight
from tests.jobs.student import DoctorCli


def test_what_can_be_deployed_is_exit_0(student: DoctorCli) -> None:
    status, (verdict,), fix = preflight(student)
    assert (status, verdict["status"], verdict["replacement"], fix) == (0, "ok", None, "")
    assert verdict["message"] == "gpt-5.4-mini 2026-03-17 GlobalStandard, until 2199-01-01; 10 of 10 free"


# The stack's entry, what Azure lists of the model, the message, the exit status
FAILS: list[tuple[dict[str, Any], list[dict[str, Any]], str, int]] = [
    (entry(model="o4-mini", version="1"), [], "o4-mini is not offered in the region", 5),
    (entry(version="2027-01-01"), [], "not offered in version 2027-01-01, only in 2026-03-17", 5),
    (entry(sku="Standard"), [], "not offered as Standard, only as GlobalStandard", 5),
    (
        entry(model="gpt-5.1", version="1"),
        [model("gpt-5.1", "1", skus=[("GlobalStandard", GONE)])],
        "retired on 2026-10-16",
        4,
    ),
    (
        entry(model="gpt-5.1", version="1"),
        [model("gpt-5.1", "1", skus=[("GlobalStandard", None)], deprecation={"inference": GONE})],
        "retired on 2026-10-16",
        4,
    ),
    (entry(model="gpt-5.1", version="1"), [model("gpt-5.1", "1", lifecycleStatus="Deprecating")], "is Deprecating", 5),
    (entry(model="gpt-5.1", version="1"), [model("gpt-5.1", "1", lifecycleStatus="Deprecated")], "is Deprecated", 4),
    (entry(capacity=11), [], "quota of GlobalStandard: 11 needed, 10 of 10 free", 3),
]


@pytest.mark.parametrize(("requested", "more", "message", "ends"), FAILS, ids=[each[2][:40] for each in FAILS])
def test_what_cannot_be_deployed_has_an_exit_status_of_its_own(
    student: DoctorCli, requested: dict[str, Any], more: list[dict[str, Any]], message: str, ends: int
) -> None:
    student.configure(models=[requested])
    student.ai.models += more
    student.ai.usages += [usage("OpenAI.GlobalStandard.gpt5.1", 0, 100)]
    status, (verdict,), fix = preflight(student)
    assert status == ends
    assert message in verdict["message"]
    assert verdict["status"] == "problem"
    assert verdict["replacement"]["model"] in {"gpt-5.4-mini", "gpt-5.6-luna"}
    assert json.loads(fix.removeprefix("vector-lake:models: ")) == [{**requested, **verdict["replacement"]}]


def test_a_capacity_that_the_sku_does_not_take_is_not_possible(student: DoctorCli) -> None:
    student.ai.models[0]["model"]["skus"][0]["capacity"] = {"minimum": 2, "step": 2}
    for capacity, text in ((1, "at least 2"), (3, "steps of 2 from 2")):
        student.configure(models=[entry(capacity=capacity)])
        status, (verdict,), _ = preflight(student)
        assert (status, f"takes {text}, not a capacity of {capacity}" in verdict["message"]) == (5, True)


@pytest.mark.parametrize("wrong", [{"alias": "chat"}, {**CHAT, "capacity": "many"}])
def test_an_incomplete_entry_is_one_sentence(student: DoctorCli, wrong: dict[str, Any]) -> None:
    student.configure(models=[CHAT, wrong])
    status, seen = student.run("models", "preflight", "--target", "ana")
    assert (status, seen.count("\n")) == (1, 1)
    assert "Pulumi.ana.yaml" in seen and "capacity" in seen
    assert student.doctor()[1]["models"]["status"] == "warning"


def test_an_existing_deployment_may_stay_while_it_is_deprecating(student: DoctorCli) -> None:
    student.ai.models[0] = model("gpt-5.4-mini", "2026-03-17", lifecycleStatus="Deprecating")
    assert preflight(student)[0] == 5
    student.make_deployments(deployment("chat", "gpt-5.4-mini", "2026-03-17", 1))
    status, (verdict,), _ = preflight(student)
    assert (status, verdict["status"]) == (0, "warning")


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"lifecycleStatus": "Legacy"}, "is Legacy"),
        ({"skus": [("GlobalStandard", SOON)]}, f"retires on {SOON[:10]}"),
    ],
)
def test_a_model_that_is_retired_soon_is_a_warning(student: DoctorCli, changed: dict[str, Any], message: str) -> None:
    student.ai.models[0] = model("gpt-5.4-mini", "2026-03-17", **changed)
    status, (verdict,), _ = preflight(student)
    assert (status, verdict["status"]) == (0, "warning")
    assert message in verdict["message"]


def test_another_version_and_capacity_at_once_is_a_warning(student: DoctorCli) -> None:
    student.configure(models=[entry(version="2026-03-17", capacity=2)])
    student.make_deployments(deployment("chat", "gpt-5.4-mini", "2025-01-01", 1))
    status, (verdict,), _ = preflight(student)
    assert (status, verdict["status"]) == (0, "warning")
    assert "version 2025-01-01 to 2026-03-17 and capacity 1 to 2" in verdict["message"]
    assert student.doctor()[1]["model chat"]["status"] == "warning"
    student.configure(models=[entry(version="2026-03-17", capacity=2, upgradePolicy="OnceCurrentVersionExpired")])
    assert preflight(student)[1][0]["status"] == "ok"


def test_another_family_and_capacity_of_a_provisioned_one_at_once_is_a_warning(student: DoctorCli) -> None:
    sku = "GlobalProvisionedManaged"
    student.ai.models[0] = model("gpt-5.4-mini", "2026-03-17", skus=[(sku, None)])
    student.ai.usages.append(usage(f"OpenAI.{sku}.gpt5.4-mini", 0, 100))
    student.configure(models=[entry(sku=sku, capacity=20)])
    there = deployment("chat", "gpt-5.1", "1", 15)
    student.make_deployments({**there, "sku": {"name": sku, "capacity": 15}})
    _, (verdict,), _ = preflight(student)
    assert "model gpt-5.1 1 to gpt-5.4-mini 2026-03-17 and capacity 15 to 20" in verdict["message"]


def test_several_problems_end_with_the_gravest(student: DoctorCli) -> None:
    student.ai.models += [model("gpt-5.1", "1", skus=[("GlobalStandard", GONE)])]
    absent, full = entry(alias="absent", model="o4-mini", version="1"), entry(alias="full", capacity=11)
    student.configure(models=[absent, full])
    assert preflight(student)[0] == 5
    student.configure(models=[absent, full, entry(alias="gone", model="gpt-5.1", version="1")])
    assert preflight(student)[0] == 4


def test_without_models_azure_is_not_asked(student: DoctorCli) -> None:
    student.configure(models=[])
    status, verdicts, _ = preflight(student)
    assert (status, verdicts, student.cloud.requests) == (0, [], [])


def test_doctor_reports_the_same(student: DoctorCli) -> None:
    second = entry(alias="second", model="o4-mini", version="2025-04-16")
    student.configure(models=[second, entry()])
    status, checks = student.doctor()
    assert status == 1
    assert checks["model chat"]["status"] == "ok"
    assert "o4-mini is not offered" in checks["model second"]["message"]
    assert "gpt-5.6-luna" in checks["model second"]["message"]
    kept = json.loads(checks["model second"]["fix"].removeprefix("vector-lake:models: "))
    assert [each["model"] for each in kept] == ["gpt-5.6-luna", "gpt-5.4-mini"]
