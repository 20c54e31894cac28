"""What is never deleted: a deployment in use, one that others need, another one of that name. No DELETE is sent."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.azure_fakes.resource_manager import error_response
from tests.jobs.models.migrate.side_by_side import SideBySide


def spill(side: SideBySide) -> None:
    side.account.deployments["ptu"]["properties"]["spilloverDeploymentName"] = "CHAT"


def parent(side: SideBySide) -> None:
    side.account.deployments["pinned"]["properties"]["parentDeploymentName"] = "chat"


def recreated(side: SideBySide) -> None:
    del side.account.deployments["chat"]
    side.account.add("chat", "gpt-5.4-mini", "2026-03-17", policy=None)


def upgraded(side: SideBySide) -> None:
    side.account.deployments["chat"]["properties"]["model"]["version"] = "2026-12-01"


def weighted(side: SideBySide) -> None:
    side.file.write_text(side.file.read_text().replace('"chat": 0, "chat-2": 100', '"chat": 1, "chat-2": 99'))


def damaged(side: SideBySide) -> None:
    side.file.write_text('{"alias": "chat", "wei')


def unknown_names(side: SideBySide) -> None:
    side.file.write_text(side.file.read_text().replace('"chat-2": 100', '"chat-9": 100'))


def new_one_gone(side: SideBySide) -> None:
    del side.account.deployments["chat-2"]


def new_one_failed(side: SideBySide) -> None:
    side.account.deployments["chat-2"]["properties"]["provisioningState"] = "Failed"


def called(side: SideBySide) -> None:
    side.stray = lambda minute: 5.0


def called_late(side: SideBySide) -> None:
    """15 minutes late: ten zeros, and calls to the very end."""
    side.stray, side.metrics.lag = lambda minute: 5.0, 15


def forbidden(side: SideBySide) -> None:
    side.metrics.answer = lambda body: error_response(403, "AuthorizationFailed")


def nobody(side: SideBySide) -> None:
    side.metrics.calls["chat-2"] = lambda minute: 0.0


def batch(side: SideBySide) -> None:
    side.account.deployments["chat"]["sku"]["name"] = "GlobalBatch"


CASES: dict[Callable[[SideBySide], None], tuple[int, str]] = {
    spill: (5, "ptu spills over to it"),
    parent: (5, "pinned has it for its parent"),
    recreated: (1, "is not the deployment that the migration began with"),
    upgraded: (1, "is not the deployment that the migration began with"),
    weighted: (6, "its weight is 1"),
    damaged: (1, "repair it"),
    unknown_names: (1, "has a weight for chat-9"),
    new_one_gone: (1, "which has to stay, is gone"),
    new_one_failed: (1, "which has to stay, is Failed"),
    called: (6, "Not proved, nothing deleted: chat had"),
    called_late: (6, "Not proved, nothing deleted: chat had"),
    forbidden: (6, "Monitoring Reader"),
    nobody: (6, "--probe"),
    batch: (5, "--unproved chat"),
}


@pytest.mark.parametrize("make_unsafe", CASES, ids=lambda each: each.__name__)
def test_nothing_is_deleted(side: SideBySide, make_unsafe: Callable[[SideBySide], None]) -> None:
    side.at_weights(100)
    make_unsafe(side)
    status, seen = side.finish()
    assert (status, side.deletions()) == (CASES[make_unsafe][0], [])
    assert CASES[make_unsafe][1] in seen
    assert side.state["phase"] == "started"


def test_a_call_between_the_two_questions_counts(side: SideBySide) -> None:
    side.at_weights(100)
    begin = side.minute
    side.stray = lambda minute: 1.0 if minute >= begin - timedelta(minutes=2) else 0.0
    status, seen = side.finish()
    assert (status, "asking again" in seen, side.deletions()) == (6, True, []), seen


def test_weights_that_move_back_during_the_proof_stop_it(side: SideBySide) -> None:
    side.at_weights(100)
    asked = []

    def answer(body: dict[str, object]) -> object:
        asked.append(body)
        if len(asked) == 2:
            weighted(side)
        return body

    side.metrics.answer = answer
    status, seen = side.finish()
    assert (status, "changed meanwhile" in seen, side.deletions()) == (1, True, [])


def test_only_the_typed_name_is_a_way_round_the_proof_and_the_record_says_so(side: SideBySide) -> None:
    side.at_weights(100)
    called(side)
    assert side.finish("--unproved", "chat-2")[0] == 2
    assert not side.deletions()
    spill(side)
    assert side.finish("--unproved", "chat")[0] == 5
    del side.account.deployments["ptu"]["properties"]["spilloverDeploymentName"]
    status, seen = side.finish("--unproved", "chat")
    assert (status, "without a proof" in seen, len(side.deletions())) == (0, True, 1)
    assert side.state["proof"]["unproved"] is True


def test_a_probe_makes_the_new_one_seen(side: SideBySide) -> None:
    side.at_weights(100)
    probes: list[object] = []
    side.endpoint.called = lambda name: probes.append((name, side.minute))
    side.metrics.calls["chat-2"] = lambda minute: float(("chat-2", minute) in probes)
    assert side.finish("--probe")[0] == 6
    side.time += timedelta(minutes=5)
    status, seen = side.finish("--probe")
    assert status == 0, seen
    assert [name for name, _ in probes] == ["chat-2", "chat-2"]  # type: ignore[misc]


def test_a_rehearsal_pauses_and_resumes_and_stops_if_anybody_calls(side: SideBySide) -> None:
    side.at_weights(100)
    begin = side.minute
    side.stray = lambda minute: 3.0 if minute == begin + timedelta(minutes=4) else 0.0
    status, seen = side.finish("--rehearse", "10")
    assert (status, side.account.paused, side.deletions()) == (6, ["pause chat", "resume chat"], [])
    side.time += timedelta(minutes=30)
    status, seen = side.finish()
    assert (status, "chat had 3 calls" in seen, side.deletions()) == (6, True, [])


def test_a_rehearsal_that_nobody_noticed_lets_it_be_deleted(side: SideBySide) -> None:
    side.at_weights(100)
    status, seen = side.finish("--rehearse", "10")
    assert (status, "the rehearsal ended" in seen) == (6, True)
    side.time += timedelta(minutes=5)
    status, seen = side.finish()
    assert (status, side.account.paused) == (0, ["pause chat", "resume chat"]), seen


def test_where_azure_cannot_pause_nothing_changes(side: SideBySide) -> None:
    side.at_weights(100)
    side.account.pausable = False
    status, seen = side.finish("--rehearse", "10")
    assert (status, "no way to pause" in seen, side.deletions(), side.state["paused"]) == (5, True, [], "")
