"""Names as people type them, and clocks that are off: one migration stays one, and a wrong time proves nothing."""

import json
from datetime import timedelta

import pytest

from jobs.models import clock
from jobs.state import state_folder
from tests.jobs.models.migrate.side_by_side import TARGET, SideBySide, result

SHOUTED = ("--account", "AI-SHOP", "--resource-group", "RG-SHOP")


def test_a_name_in_another_case_is_the_same_migration(side: SideBySide) -> None:
    side.at_weights(10)
    side.where = SHOUTED
    status, seen = side.run("status", "CHAT", "--json")
    assert (status, result(seen)["alias"], result(seen)["weights"]) == (0, "chat", {"chat": 90, "chat-2": 10})
    assert side.run("shift", "Chat", "20", "--yes")[0] == 0
    assert side.weights == {"chat": 80, "chat-2": 20}
    files = [each.relative_to(state_folder()).as_posix() for each in (state_folder() / "models").rglob("*.json")]
    assert sorted(files) == ["models/ai-shop/chat.json", "models/ai-shop/routing/chat.json"]


def test_an_account_of_the_same_name_in_another_group_is_another_one(side: SideBySide) -> None:
    side.at_weights(10)
    before = side.state
    side.account.group = "rg-two"
    side.where = ("--account", "ai-shop", "--resource-group", "rg-two")
    for words in (("shift", "chat", "50", "--yes"), ("start", "chat", TARGET, "--yes")):
        status, seen = side.run(*words)
        assert (status, "resourceGroups/rg-shop/" in seen, side.state) == (1, True, before), seen


@pytest.mark.parametrize("name", ["chat-2", "CHAT-2"])
def test_the_old_one_is_never_the_new_one_too(side: SideBySide, name: str) -> None:
    side.at_weights(100)
    assert side.finish()[0] == 0
    status, seen = side.run("start", "chat", TARGET, "--yes", "--as", name)
    assert (status, "choose another name with --as" in seen) == (1, True), seen
    assert (side.weights, side.state["phase"]) == ({"chat-2": 100}, "done")


@pytest.mark.parametrize(("minutes", "text"), [(-30, "30 minutes behind"), (30, "30 minutes ahead of")])
def test_a_clock_that_is_off_moves_no_weight_and_proves_nothing(
    side: SideBySide, minutes: int, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    side.at_weights(50)
    off = timedelta(minutes=minutes)
    with monkeypatch.context() as patched:
        patched.setattr("jobs.models.clock.now", lambda: side.time + off)
        status, seen = side.run("shift", "chat", "100", "--yes")
        assert (status, text in seen, side.weights) == (1, True, {"chat": 50, "chat-2": 50}), seen
    assert side.run("shift", "chat", "100", "--yes")[0] == 0
    side.time += timedelta(minutes=40)
    monkeypatch.setattr("jobs.models.clock.now", lambda: side.time + off)
    status, seen = side.finish()
    assert (status, text in seen, side.deletions()) == (1, True, []), seen


def test_a_clock_that_is_right_or_unknown_is_not_refused() -> None:
    clock.check_clock(None)
    clock.check_clock(clock.now() + timedelta(seconds=40))


def test_dry_run_has_one_object_too(side: SideBySide) -> None:
    side.at_weights(10)
    status, seen = side.run("shift", "chat", "20", "--dry-run", "--json")
    assert (status, json.loads(seen[seen.index('{"alias"') :].splitlines()[0])) == (
        0,
        {"alias": "chat", "planned": ["chat 90 -> 80, chat-2 10 -> 20"]},
    )
