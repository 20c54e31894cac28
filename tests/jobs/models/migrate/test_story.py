"""A migration from its plan to its end: by `finish`, and by `back`."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from tests.azure_fakes.resource_manager import error_response
from tests.jobs.models.migrate.side_by_side import TARGET, SideBySide, result
from tests.jobs.models.shop import LUNA


def test_a_plan_checks_everything_and_changes_nothing(side: SideBySide) -> None:
    status, seen = side.run("plan", "chat", TARGET)
    assert status == 0, seen
    assert "1. `models migrate start chat gpt-5.6-luna@2026-07-09` creates chat-2" in seen
    assert "for both at once" in seen and "bill by the hour" not in seen
    assert {each.method for each in side.student.cloud.requests} == {"GET"}
    assert not side.file.exists()
    assert "both bill by the hour" in side.run("plan", "ptu", TARGET)[1]


@pytest.mark.parametrize(
    ("words", "ends", "text"),
    [
        (("chat", "gpt-9@1"), 5, "not offered"),
        (("chat", TARGET, "--capacity", "991"), 3, "990 of 1000 free, 991 are needed"),
        (("chat", TARGET, "--runway", "500"), 4, "--runway"),
        (("ptu", TARGET, "--capacity", "101"), 3, "100 of 200 free"),
        (("pinned", TARGET), 5, "nothing to migrate"),
        (("chat", TARGET, "--sku", "GlobalStandard", "--runway", "500", "--capacity", "991"), 4, "retires on"),
    ],
)
def test_a_plan_that_fails_has_the_exit_status_of_why(
    side: SideBySide, words: tuple[str, ...], ends: int, text: str
) -> None:
    status, seen = side.run("plan", *words)
    assert (status, text in seen) == (ends, True), seen
    assert side.run("start", *words, "--yes")[0] == ends
    assert {each.method for each in side.student.cloud.requests} == {"GET"}


def test_from_start_to_finish(side: SideBySide) -> None:
    status, seen = side.run("start", "chat", TARGET, "--yes", "--json")
    assert (status, result(seen)["phase"], result(seen)["weights"]) == (0, "started", {"chat": 100, "chat-2": 0})
    assert side.account.deployments["chat-2"]["properties"]["raiPolicyName"] == "Microsoft.DefaultV2"
    side.time += timedelta(minutes=20)
    assert side.run("shift", "chat", "10", "--yes")[0] == 0
    assert side.endpoint.asked == ["chat-2"]
    side.time += timedelta(minutes=30)
    status, seen = side.run("status", "chat", "--json")
    calls = result(seen)["calls"]
    assert 100 * calls["chat-2"] / sum(calls.values()) == pytest.approx(10)
    assert side.finish()[0] == 6 and not side.deletions()
    side.run("shift", "chat", "100", "--yes")
    status, seen = side.finish()
    assert (status, "can be seen once they have come to" in seen, side.deletions()) == (6, True, [])
    side.time += timedelta(minutes=15)
    before = side.time
    status, seen = side.finish("--json")
    found = result(seen)
    assert (status, found["deleted"], found["phase"], found["weights"]) == (0, "chat", "done", {"chat-2": 100})
    assert found["proof"].keys() == {"quiet_from", "quiet_to", "control", "asked"}
    assert side.time - before >= timedelta(minutes=2), "asked twice"
    assert "chat" not in side.account.deployments
    (deletion,) = side.deletions()
    asked = [each for each in side.student.cloud.requests if each.path.endswith("/metrics")]
    assert side.student.cloud.requests.index(deletion) > side.student.cloud.requests.index(asked[-1])
    assert side.finish()[0] == 0 and len(side.deletions()) == 1


def test_the_next_migration_of_an_alias_begins_with_what_has_its_weight(side: SideBySide) -> None:
    side.at_weights(100)
    assert side.finish()[0] == 0
    side.student.ai.models.append({**side.student.ai.models[2]})
    side.student.ai.models[-1] = {
        **side.student.ai.models[2],
        "model": {**side.student.ai.models[2]["model"], "version": "2027-01-01"},
    }
    status, seen = side.run("start", "chat", f"{LUNA[0]}@2027-01-01", "--yes", "--json")
    assert (status, result(seen)["old"], result(seen)["new"]) == (0, "chat-2", "chat-3")


def test_the_next_migration_uses_the_file_of_the_last(side: SideBySide, tmp_path: Path) -> None:
    file = tmp_path / "weights.json"
    assert side.run("start", "chat", TARGET, "--yes", "--routing", str(file))[0] == 0
    assert side.run("back", "chat", "--yes", "--unproved", "chat-2")[0] == 0
    assert json.loads(file.read_text())["weights"] == {"chat": 100}
    assert side.run("start", "chat", TARGET, "--yes")[0] == 0
    assert json.loads(file.read_text())["weights"] == {"chat": 100, "chat-2": 0}
    assert side.run("shift", "chat", "5", "--yes")[0] == 0
    assert json.loads(file.read_text())["weights"] == {"chat": 95, "chat-2": 5}


def test_back_gives_the_old_one_all_weight_and_deletes_the_new_one_when_it_is_quiet(side: SideBySide) -> None:
    side.at_weights(50)
    status, seen = side.run("back", "chat", "--yes")
    assert (status, side.weights, side.deletions()) == (6, {"chat": 100, "chat-2": 0}, [])
    assert side.finish()[0] == 1 and not side.deletions()
    side.time += timedelta(minutes=20)
    status, seen = side.run("back", "chat", "--yes", "--json")
    assert (status, result(seen)["deleted"], side.weights) == (0, "chat-2", {"chat": 100})
    assert set(side.account.deployments) == {"chat", "ptu", "pinned"}


def test_every_step_asks_and_shows_its_plan_before(side: SideBySide) -> None:
    assert side.run("start", "chat", TARGET)[0] == 2
    side.at_weights(100)
    before = len(side.student.cloud.requests)
    for words in (("start", "chat", TARGET), ("shift", "chat", "5"), ("finish", "chat"), ("back", "chat")):
        assert side.run(*words)[0] == 2
        status, seen = side.run(*words, "--dry-run")
        assert (status, "chat-2" in seen) == (0, True)
    assert {each.method for each in side.student.cloud.requests[before:]} == {"GET"}
    assert side.weights == {"chat": 0, "chat-2": 100}


def test_a_step_without_a_migration_names_the_command(side: SideBySide) -> None:
    for words in (("shift", "chat", "10"), ("finish", "chat"), ("back", "chat")):
        status, seen = side.run(*words, "--yes")
        assert (status, "migrate start chat" in seen) == (1, True)
    assert side.run("shift", "chat", "101", "--yes")[0] == 2
    assert side.finish("--minutes", "4")[0] == 2


@pytest.mark.parametrize(("name", "ends"), [("pinned", 1), ("PINNED", 1), ("../ai", 2), ("a b", 2)])
def test_what_others_made_is_never_the_new_one_which_back_would_delete(side: SideBySide, name: str, ends: int) -> None:
    status, _ = side.run("start", "chat", TARGET, "--yes", "--as", name)
    assert (status, side.run("back", "chat", "--yes")[0]) == (ends, 1)
    assert {each.method for each in side.student.cloud.requests} == {"GET"}


def test_another_migration_of_the_same_alias_is_refused(side: SideBySide) -> None:
    side.at_weights(10)
    status, seen = side.run("start", "chat", "gpt-5.1@2025-11-13", "--yes")
    assert (status, "on its way from chat to chat-2" in seen) == (1, True)


def test_a_lost_state_is_found_again_by_start(side: SideBySide) -> None:
    side.at_weights(10)
    for file in side.file.parent.parent.glob("*.json"):
        file.unlink()
    assert side.run("start", "chat", TARGET, "--yes")[0] == 0
    assert (side.weights, side.state["new"], side.state["phase"]) == ({"chat": 90, "chat-2": 10}, "chat-2", "started")


def test_a_share_is_moved_only_to_a_deployment_that_answers(side: SideBySide) -> None:
    side.at_weights(0)
    side.endpoint.refuses = error_response(404, "DeploymentNotFound", "The API deployment does not exist.")
    status, seen = side.run("shift", "chat", "10", "--yes")
    assert (status, "DeploymentNotFound" in seen, side.weights) == (1, True, {"chat": 100, "chat-2": 0})
    side.endpoint.refuses = None
    side.account.deployments["chat-2"]["properties"]["provisioningState"] = "Updating"
    assert side.run("shift", "chat", "10", "--yes")[0] == 1


def test_status_says_who_does_not_follow_the_weights(side: SideBySide) -> None:
    side.at_weights(100)
    side.stray = lambda minute: 40.0
    seen = side.run("status", "chat")[1]
    assert "40 a minute still go to chat: somebody does not use the router" in seen
    side.metrics.known = ()
    assert "The calls are not known" in side.run("status", "chat")[1]


def test_traffic_shows_the_calls_and_whether_one_is_quiet(side: SideBySide) -> None:
    side.at_weights(100)
    words = ("models", "traffic", *side.where)
    status, seen = side.student.run(*words, "--json")
    found = json.loads(seen)
    assert (status, found["quiet"], found["control"]) == (0, None, {})
    assert {each["name"]: each["per_minute"] > 0 for each in found["deployments"]}["chat-2"]
    status, seen = side.student.run(*words, "chat", "--json")
    assert (status, json.loads(seen)["quiet"], json.loads(seen)["control"].keys()) == (0, True, {"chat-2"})
    status, seen = side.student.run(*words, "chat-2")
    assert (status, "chat-2" in seen) == (6, True)
    assert side.student.run(*words, "typo")[0] == 1
    assert {"from", "to", "deployments", "control", "quiet", "reason"} == found.keys()
