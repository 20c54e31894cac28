"""The replacement of a model that cannot be deployed: which is preferred, which is unsuitable, and the fix."""

import json
from typing import Any

import pytest

from tests.azure_fakes.cognitive_services import model, usage
from tests.infra.modes import CHAT
from tests.jobs.models.preflight_cases import LATE, MINI, SOON, entry, preflight
from tests.jobs.student import DoctorCli


def test_a_capacity_above_every_limit_has_no_replacement(student: DoctorCli) -> None:
    student.configure(models=[entry(capacity=2000)])
    status, (verdict,), fix = preflight(student)
    assert (status, verdict["replacement"], fix) == (3, None, "vector-lake:models: []")
    assert verdict["message"] == "a capacity of 2000 is more than GlobalStandard allows, 1000"


def test_the_fix_is_a_setting_that_the_preflight_accepts(student: DoctorCli) -> None:
    second = {**CHAT, "alias": "vectors", "model": "text-embedding-ada-002", "version": "2"}
    student.configure(models=[entry(model="gpt-4o-mini", version="2024-07-18"), second])
    status, verdicts, fix = preflight(student)
    assert status == 5
    assert [each["replacement"]["model"] for each in verdicts] == ["gpt-5.6-luna", "text-embedding-3-small"]
    seen = student.run("models", "preflight", "--target", "ana")[1]
    assert "Below `config:` in Pulumi.ana.yaml put:" in seen and fix in seen
    student.configure(models=json.loads(fix.removeprefix("vector-lake:models: ")))
    assert preflight(student)[0] == 0


def test_the_replacement_that_azure_names_comes_first(student: DoctorCli) -> None:
    target = {"targetModelName": "gpt-5.1", "targetModelVersion": "2025-11-13"}
    old = model("gpt-4o", "1", lifecycleStatus="Deprecated", replacementConfig=target)
    student.ai.models += [old, model("gpt-5.1", "2025-11-13")]
    student.ai.usages += [usage("OpenAI.GlobalStandard.gpt5.1", 0, 100)]
    student.configure(models=[entry(model="gpt-4o", version="1")])
    assert preflight(student)[1][0]["replacement"]["model"] == "gpt-5.1"
    student.ai.usages[-1] = usage("OpenAI.GlobalStandard.gpt5.1", 100, 100)  # named, and no quota for it
    assert preflight(student)[1][0]["replacement"]["model"] == "gpt-5.6-luna"


def test_the_same_model_with_another_sku_comes_before_another_model(student: DoctorCli) -> None:
    student.ai.models[0] = model(
        "gpt-5.4-mini", "2026-03-17", skus=[("GlobalStandard", LATE), ("DataZoneStandard", LATE)]
    )
    student.ai.usages[0] = usage(MINI, 0, 0)
    student.ai.usages += [usage("OpenAI.DataZoneStandard.gpt5.4-mini", 0, 200)]
    _, (verdict,), _ = preflight(student)
    assert verdict["replacement"] == {"model": "gpt-5.4-mini", "version": "2026-03-17", "sku": "DataZoneStandard"}


@pytest.mark.parametrize(
    "other",
    [
        model("gpt-9-mini", "2026-11-01", lifecycleStatus="Preview"),
        model("gpt-9-mini", "2026-11-01", skus=[("GlobalStandard", SOON)]),
        model("gpt-9-mini", "2026-11-01", skus=[("ProvisionedManaged", LATE)]),
        model("gpt-9-mini", "2026-11-01", format="Meta"),
    ],
    ids=["preview", "retires soon", "billed by the hour", "another format"],
)
def test_an_unsuitable_model_is_not_suggested(student: DoctorCli, other: dict[str, Any]) -> None:
    student.ai.models = [other]
    student.ai.usages = [usage(sku["usageName"], 0, 1000) for sku in other["model"]["skus"]]
    status, (verdict,), fix = preflight(student)
    assert (status, verdict["replacement"]) == (5, None)
    assert fix == "vector-lake:models: []"
    assert "another aiLocation" in student.run("models", "preflight", "--target", "ana")[1]
