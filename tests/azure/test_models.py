"""The models of a region and the preflight of the stack's own: the commands against Azure's front on loopback."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from jobs.models.offers import day, read, today
from tests.azure.cloud import Answer, Cloud
from tests.azure.cognitive_services import deployment, model, usage
from tests.azure.doctors import World
from tests.azure.programs import Program
from tests.azure.resource_manager import ROOT, refusal
from tests.infra.modes import CHAT

MINI = "OpenAI.GlobalStandard.gpt5.4-mini"
GONE = "2026-10-16T00:00:00Z"
SOON = f"{today() + timedelta(days=33)}T00:00:00Z"
LATE = "2199-01-01T00:00:00Z"


@pytest.fixture
def world(
    cloud: Cloud, az: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> World:
    monkeypatch.setattr("jobs.configuration.PROJECT", tmp_path)
    return World(cloud, az, tmp_path, capsys)


def listed(world: World, *arguments: str) -> list[dict[str, Any]]:
    status, seen = world.run("models", "list", "--target", "ana", "--json", *arguments)
    assert status == 0, seen
    found: list[dict[str, Any]] = json.loads(seen)["models"]
    return found


def preflight(world: World) -> tuple[int, list[dict[str, Any]], str]:
    """Exit status, verdicts, and the line that mends."""
    status, seen = world.run("models", "preflight", "--target", "ana", "--json")
    found = json.loads(seen)
    assert found["ok"] == (status == 0)
    return status, found["models"], found["fix"]


def test_the_list_has_what_lives_and_fits_first(world: World) -> None:
    world.ai.models = [
        model("o4-mini", "2025-04-16", lifecycleStatus="Deprecated", skus=[("GlobalStandard", GONE)]),
        model("gpt-5.1", "2025-11-13"),
        model("gpt-5-nano", "2025-08-07", lifecycleStatus="Preview"),
        model("gpt-5-mini", "2025-08-07", skus=[("GlobalStandard", LATE), ("GlobalBatch", LATE)]),
        model("gpt-5.4-mini", "2026-03-17"),
    ]
    world.ai.usages = [
        usage("OpenAI.GlobalStandard.gpt5.1", 0, 50),
        usage("OpenAI.GlobalStandard.gpt5-nano", 0, 50),
        usage("OpenAI.GlobalStandard.gpt5-mini", 10, 10),
        usage(MINI, 5, 10),
    ]
    assert [each["model"] for each in listed(world)] == ["gpt-5.4-mini", "gpt-5.1", "gpt-5-nano", "gpt-5-mini"]
    everything = listed(world, "--all")
    assert {each["sku"] for each in everything} == {"GlobalStandard", "GlobalBatch"}
    assert everything[-1]["model"] == "o4-mini" and not everything[-1]["alive"]
    first = everything[0]
    assert (first["used"], first["limit"], first["fits"], first["retires"]) == (5, 10, True, "2199-01-01")
    _, seen = world.run("models", "list", "--target", "ana")
    assert "gpt-5.4-mini  2026-03-17   GlobalStandard                   5 of 10  2199-01-01" in seen


def test_the_list_asks_the_region_that_is_named(world: World) -> None:
    world.configure(aiLocation="norwayeast")
    listed(world)
    listed(world, "--region", "koreacentral")
    asked = {each.path.split("/locations/")[1] for each in world.cloud.asked}
    assert asked == {"norwayeast/usages", "norwayeast/models", "koreacentral/usages", "koreacentral/models"}
    assert all(each.path.startswith(ROOT) for each in world.cloud.asked)


def test_a_region_without_models_says_so(world: World) -> None:
    world.ai.models = []
    assert "--all" in world.run("models", "list", "--target", "ana")[1]


def test_what_can_be_deployed_is_exit_0(world: World) -> None:
    status, (verdict,), fix = preflight(world)
    assert (status, verdict["status"], verdict["replacement"], fix) == (0, "ok", None, "")
    assert verdict["message"] == "gpt-5.4-mini 2026-03-17 GlobalStandard, until 2199-01-01; 10 of 10 free"


def entry(**other: Any) -> dict[str, Any]:
    return {**CHAT, **other}


# The stack's entry, what Azure lists of the model, what is said
FAILS: list[tuple[dict[str, Any], list[dict[str, Any]], str]] = [
    (entry(model="o4-mini", version="1"), [], "o4-mini is not offered in the region"),
    (entry(version="2027-01-01"), [], "not offered in version 2027-01-01, only in 2026-03-17"),
    (entry(sku="Standard"), [], "not offered as Standard, only as GlobalStandard"),
    (
        entry(model="gpt-5.1", version="1"),
        [model("gpt-5.1", "1", skus=[("GlobalStandard", GONE)])],
        "retired on 2026-10-16",
    ),
    (
        entry(model="gpt-5.1", version="1"),
        [model("gpt-5.1", "1", skus=[("GlobalStandard", None)], deprecation={"inference": GONE})],
        "retired on 2026-10-16",
    ),
    (entry(model="gpt-5.1", version="1"), [model("gpt-5.1", "1", lifecycleStatus="Deprecating")], "is Deprecating"),
    (entry(model="gpt-5.1", version="1"), [model("gpt-5.1", "1", lifecycleStatus="Deprecated")], "is Deprecated"),
    (entry(capacity=11), [], "quota of GlobalStandard: 11 needed, 10 of 10 free"),
]


@pytest.mark.parametrize(("wished", "more", "said"), FAILS, ids=[each[2][:40] for each in FAILS])
def test_what_cannot_be_deployed_is_exit_1(
    world: World, wished: dict[str, Any], more: list[dict[str, Any]], said: str
) -> None:
    world.configure(models=[wished])
    world.ai.models += more
    world.ai.usages += [usage("OpenAI.GlobalStandard.gpt5.1", 0, 100)]
    status, (verdict,), fix = preflight(world)
    assert status == 1
    assert said in verdict["message"]
    assert verdict["status"] == "problem"
    assert verdict["replacement"]["model"] in {"gpt-5.4-mini", "gpt-5.6-luna"}
    assert json.loads(fix.removeprefix("vector-lake:models: ")) == [{**wished, **verdict["replacement"]}]


def test_a_capacity_that_nothing_takes_has_no_replacement(world: World) -> None:
    world.configure(models=[entry(capacity=2000)])
    status, (verdict,), fix = preflight(world)
    assert (status, verdict["replacement"], fix) == (1, None, "vector-lake:models: []")
    assert verdict["message"] == "a capacity of 2000 is more than GlobalStandard takes, 1000"


@pytest.mark.parametrize("wrong", [{"alias": "chat"}, {**CHAT, "capacity": "many"}])
def test_an_entry_that_lacks_something_is_a_sentence(world: World, wrong: dict[str, Any]) -> None:
    world.configure(models=[CHAT, wrong])
    status, seen = world.run("models", "preflight", "--target", "ana")
    assert (status, seen.count("\n")) == (1, 1)
    assert "Pulumi.ana.yaml" in seen and "capacity" in seen
    assert world.doctor()[1]["models"]["status"] == "warning"


def test_the_line_that_mends_is_one_that_the_preflight_accepts(world: World) -> None:
    second = {**CHAT, "alias": "vectors", "model": "text-embedding-ada-002", "version": "2"}
    world.configure(models=[entry(model="gpt-4o-mini", version="2024-07-18"), second])
    status, verdicts, fix = preflight(world)
    assert status == 1
    assert [each["replacement"]["model"] for each in verdicts] == ["gpt-5.6-luna", "text-embedding-3-small"]
    seen = world.run("models", "preflight", "--target", "ana")[1]
    assert "Below `config:` in Pulumi.ana.yaml put:" in seen and fix in seen
    world.configure(models=json.loads(fix.removeprefix("vector-lake:models: ")))
    assert preflight(world)[0] == 0


def test_the_replacement_that_azure_names_comes_first(world: World) -> None:
    target = {"targetModelName": "gpt-5.1", "targetModelVersion": "2025-11-13"}
    old = model("gpt-4o", "1", lifecycleStatus="Deprecated", replacementConfig=target)
    world.ai.models += [old, model("gpt-5.1", "2025-11-13")]
    world.ai.usages += [usage("OpenAI.GlobalStandard.gpt5.1", 0, 100)]
    world.configure(models=[entry(model="gpt-4o", version="1")])
    assert preflight(world)[1][0]["replacement"]["model"] == "gpt-5.1"
    world.ai.usages[-1] = usage("OpenAI.GlobalStandard.gpt5.1", 100, 100)  # named, and no quota for it
    assert preflight(world)[1][0]["replacement"]["model"] == "gpt-5.6-luna"


def test_the_same_model_with_another_sku_comes_before_another_model(world: World) -> None:
    world.ai.models[0] = model(
        "gpt-5.4-mini", "2026-03-17", skus=[("GlobalStandard", LATE), ("DataZoneStandard", LATE)]
    )
    world.ai.usages[0] = usage(MINI, 0, 0)
    world.ai.usages += [usage("OpenAI.DataZoneStandard.gpt5.4-mini", 0, 200)]
    _, (verdict,), _ = preflight(world)
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
def test_what_is_no_replacement_is_not_named(world: World, other: dict[str, Any]) -> None:
    world.ai.models = [other]
    world.ai.usages = [usage(sku["usageName"], 0, 1000) for sku in other["model"]["skus"]]
    status, (verdict,), fix = preflight(world)
    assert (status, verdict["replacement"]) == (1, None)
    assert fix == "vector-lake:models: []"
    assert "another aiLocation" in world.run("models", "preflight", "--target", "ana")[1]


def test_models_that_share_a_quota_have_to_fit_together(world: World) -> None:
    world.configure(models=[entry(capacity=6), entry(alias="second", capacity=5)])
    status, verdicts, _ = preflight(world)
    assert (status, [each["status"] for each in verdicts]) == (1, ["ok", "problem"])
    assert "5 needed, 10 of 10 free, 6 of it for other models" in verdicts[1]["message"]


def test_what_a_deployment_holds_already_is_not_asked_for_again(world: World) -> None:
    world.configure(models=[entry(capacity=10)])
    world.ai.usages[0] = usage(MINI, 9, 10)
    assert preflight(world)[0] == 1
    world.ai.deployments = [deployment("other", "gpt-5.1", "1", 3), deployment("CHAT", "gpt-5.4-mini", "2026-03-17", 9)]
    assert preflight(world)[0] == 0
    world.ai.deployments = [deployment("chat", "gpt-5.1", "1", 9)]
    assert preflight(world)[0] == 1


def test_what_stands_may_go_on_while_it_is_deprecating(world: World) -> None:
    world.ai.models[0] = model("gpt-5.4-mini", "2026-03-17", lifecycleStatus="Deprecating")
    assert preflight(world)[0] == 1
    world.ai.deployments = [deployment("chat", "gpt-5.4-mini", "2026-03-17", 1)]
    status, (verdict,), _ = preflight(world)
    assert (status, verdict["status"]) == (0, "warning")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"lifecycleStatus": "Legacy"}, "is Legacy"),
        ({"skus": [("GlobalStandard", SOON)]}, f"retires on {SOON[:10]}"),
    ],
)
def test_what_goes_soon_is_a_warning(world: World, changed: dict[str, Any], said: str) -> None:
    world.ai.models[0] = model("gpt-5.4-mini", "2026-03-17", **changed)
    status, (verdict,), _ = preflight(world)
    assert (status, verdict["status"]) == (0, "warning")
    assert said in verdict["message"]


def test_a_quota_that_the_region_does_not_tell_is_a_warning(world: World) -> None:
    world.ai.usages = world.ai.usages[1:]
    status, (verdict,), _ = preflight(world)
    assert (status, verdict["status"], verdict["limit"]) == (0, "warning", None)
    assert MINI in verdict["message"]


def test_no_model_is_nothing_to_ask(world: World) -> None:
    world.configure(models=[])
    status, verdicts, _ = preflight(world)
    assert (status, verdicts, world.cloud.asked) == (0, [], [])


def test_the_doctor_tells_the_same(world: World) -> None:
    second = entry(alias="second", model="o4-mini", version="2025-04-16")
    world.configure(models=[second, entry()])
    status, checks = world.doctor()
    assert status == 1
    assert checks["model chat"]["status"] == "ok"
    assert "o4-mini is not offered" in checks["model second"]["message"]
    assert "gpt-5.6-luna" in checks["model second"]["message"]
    kept = json.loads(checks["model second"]["fix"].removeprefix("vector-lake:models: "))
    assert [each["model"] for each in kept] == ["gpt-5.6-luna", "gpt-5.4-mini"]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (refusal(403, "AuthorizationFailed"), "Cognitive Services Usages Reader"),
        (refusal(409, "MissingSubscriptionRegistration"), "MissingSubscriptionRegistration"),
        (Answer(200, b'{"value": [{'), "the models of swedencentral"),
    ],
)
@pytest.mark.parametrize("command", ["list", "preflight"])
def test_what_azure_refuses_is_a_sentence(world: World, answer: Answer, said: str, command: str) -> None:
    world.manager.instead["/usages"] = answer
    status, seen = world.run("models", command, "--target", "ana")
    assert (status, seen.count("\n")) == (1, 1)
    assert said in seen


def test_without_a_login_the_sentence_names_the_command(world: World) -> None:
    (world.project / "programs" / "az").unlink()
    status, seen = world.run("models", "preflight", "--target", "ana")
    assert (status, seen.count("\n")) == (1, 1)
    assert "`az login`" in seen and "install" in seen


def test_a_model_that_is_listed_for_two_kinds_is_one_offer() -> None:
    twice = [{**model("gpt-5.1", "1"), "kind": kind} for kind in ("OpenAI", "AIServices", "MaaS")]
    assert len(read(twice, [])) == 1


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2026-10-01T00:00:00Z", "2026-10-01"),
        ("2025-06-30T09:00:00+09:00", "2025-06-30"),
        ("2026-10-01", "2026-10-01"),
        ("9999-12-31T23:59:59Z", "None"),
        ("soon", "None"),
        (None, "None"),
    ],
)
def test_a_date_is_read_as_azure_writes_it(text: str | None, found: str) -> None:
    assert str(day(text)) == found
