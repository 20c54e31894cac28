"""The list of a region's models: deployable ones with quota first, and the region of the option."""

import json
from datetime import timedelta
from typing import Any

from jobs.models.offers import today
from tests.azure_fakes.cognitive_services import model, usage
from tests.azure_fakes.model_account import ModelAccount
from tests.azure_fakes.resource_manager import ROOT
from tests.jobs.models.preflight_cases import GONE, LATE, MINI
from tests.jobs.student import DoctorCli


def run_list(student: DoctorCli, *arguments: str) -> list[dict[str, Any]]:
    status, seen = student.run("models", "list", "--target", "ana", "--json", *arguments)
    assert status == 0, seen
    found: list[dict[str, Any]] = json.loads(seen)["models"]
    return found


def test_the_list_begins_with_deployable_models_that_fit(student: DoctorCli) -> None:
    student.ai.models = [
        model("o4-mini", "2025-04-16", lifecycleStatus="Deprecated", skus=[("GlobalStandard", GONE)]),
        model("gpt-5.1", "2025-11-13"),
        model("gpt-5-nano", "2025-08-07", lifecycleStatus="Preview"),
        model("gpt-5-mini", "2025-08-07", skus=[("GlobalStandard", LATE), ("GlobalBatch", LATE)]),
        model("gpt-5.4-mini", "2026-03-17"),
    ]
    student.ai.usages = [
        usage("OpenAI.GlobalStandard.gpt5.1", 0, 50),
        usage("OpenAI.GlobalStandard.gpt5-nano", 0, 50),
        usage("OpenAI.GlobalStandard.gpt5-mini", 10, 10),
        usage(MINI, 5, 10),
    ]
    assert [each["model"] for each in run_list(student)] == ["gpt-5.4-mini", "gpt-5.1", "gpt-5-nano", "gpt-5-mini"]
    everything = run_list(student, "--all")
    assert {each["sku"] for each in everything} == {"GlobalStandard", "GlobalBatch"}
    assert everything[-1]["model"] == "o4-mini" and not everything[-1]["alive"]
    first = everything[0]
    assert (first["used"], first["limit"], first["fits"], first["retires"]) == (5, 10, True, "2199-01-01")
    _, seen = student.run("models", "list", "--target", "ana")
    assert "gpt-5.4-mini  2026-03-17   GlobalStandard                   5 of 10  2199-01-01" in seen


def test_the_list_is_of_the_given_region(student: DoctorCli) -> None:
    student.configure(aiLocation="norwayeast")
    run_list(student)
    run_list(student, "--region", "koreacentral")
    asked = {each.path.split("/locations/")[1] for each in student.cloud.requests}
    assert asked == {"norwayeast/usages", "norwayeast/models", "koreacentral/usages", "koreacentral/models"}
    assert all(each.path.startswith(ROOT) for each in student.cloud.requests)


def test_a_region_without_models_says_so(student: DoctorCli) -> None:
    student.ai.models = []
    assert "--all" in student.run("models", "list", "--target", "ana")[1]


def test_the_list_can_be_of_a_capability_a_model_or_what_ends(student: DoctorCli) -> None:
    near = f"{today() + timedelta(days=20)}T00:00:00Z"
    tuned = {"finetuneCapabilities": {"fineTune": "true"}}
    student.ai.models = [
        model("gpt-5.4-mini", "2026-03-17", **tuned),
        model("text-embedding-3-small", "1"),
        model("gpt-5.1", "1", lifecycleStatus="Deprecating", skus=[("GlobalStandard", near), ("GlobalBatch", LATE)]),
    ]
    (embedding,) = run_list(student, "--capability", "Embeddings")
    assert (embedding["model"], embedding["capabilities"]) == ("text-embedding-3-small", ["embeddings"])
    (mini,) = run_list(student, "--capability", "fineTune")
    assert (mini["finetune"], mini["stage"], mini["retires_from"]) == (["fineTune"], "Generally Available", "sku")
    (ending,) = run_list(student, "--expiring", "30")
    assert (ending["model"], ending["sku"], ending["lifecycle"]) == ("gpt-5.1", "GlobalStandard", "Deprecating")
    assert ending["stage"] == "Deprecated"
    assert {each["sku"] for each in run_list(student, "--model", "GPT-5.1")} == {"GlobalStandard", "GlobalBatch"}


def test_the_list_of_an_account_is_what_it_may_use(student: DoctorCli, played: ModelAccount) -> None:
    played.models = [model("gpt-5.4-mini", "2026-03-17"), model("gpt-5.1.ft-1", "1", baseModel={"name": "gpt-5.1"})]
    chosen = ("--account", played.name, "--resource-group", played.group, "--all")
    found = {each["model"]: each["limit"] for each in run_list(student, *chosen)}
    assert found == {"gpt-5.4-mini": 10, "gpt-5.1.ft-1": None}
