"""A migration that is killed at any request ends the same when the same command runs again."""

import signal
from datetime import UTC, datetime, timedelta

import pytest

from jobs.state import exclusive_lock
from tests.azure_fakes.model_account import ModelAccount
from tests.jobs.killed import Killed, each_third
from tests.jobs.models.migrate.side_by_side import TARGET, SideBySide
from tests.jobs.models.shop import OTHER, only_long_waits
from tests.jobs.student import DoctorCli

WHERE = (*OTHER, "--yes")


@pytest.fixture
def side(student: DoctorCli, shop: ModelAccount, monkeypatch: pytest.MonkeyPatch) -> SideBySide:
    """Two deployments side by side, at the time that it really is: the command runs in a process of its own."""
    played = SideBySide(student, shop, time=datetime.now(UTC) - timedelta(minutes=40))
    monkeypatch.setattr("jobs.wait.time.sleep", only_long_waits(lambda seconds: None))
    monkeypatch.setattr("jobs.models.clock.now", lambda: played.time)
    return played


@pytest.mark.parametrize("at", each_third(3, 5, 7, 9, 11, 13))
def test_a_killed_start_goes_on(side: SideBySide, at: int) -> None:
    side.time = datetime.now(UTC)
    words = ("models", "migrate", "start", "chat", TARGET, *WHERE)
    killed = Killed(side.student.cloud, side.student.project)
    assert killed.run(*words, at=at)[0] in (-signal.SIGKILL, 0)
    status, err = killed.run(*words)
    assert status == 0, err
    assert (side.weights, side.state["phase"]) == ({"chat": 100, "chat-2": 0}, "started")
    puts = [each.path for each in side.student.cloud.requests if each.method == "PUT"]
    assert {each.rsplit("/", 1)[1] for each in puts} == {"chat-2"}


FINISH, BACK = ("finish", "chat", 100), ("back", "chat-2", 0)
ENDS = [*((*FINISH, at) for at in range(12)), *((*BACK, at) for at in (3, 5, 7, 8, 9))]


@pytest.mark.parametrize(("verb", "gone", "share", "at"), each_third(*ENDS))
def test_a_killed_end_goes_on_and_deletes_the_one_only(
    side: SideBySide, verb: str, gone: str, share: int, at: int
) -> None:
    side.at_weights(share)
    stays = {"chat": "chat-2", "chat-2": "chat"}[gone]
    side.metrics.calls = {gone: lambda minute: 0.0, stays: lambda minute: 7.0}
    side.time = datetime.now(UTC)
    words = ("models", "migrate", verb, "chat", *WHERE)
    killed = Killed(side.student.cloud, side.student.project)
    assert killed.run(*words, at=at)[0] in (-signal.SIGKILL, 0)
    status, err = killed.run(*words)
    assert status == 0, err
    assert (side.weights, set(side.account.deployments)) == ({stays: 100}, {stays, "ptu", "pinned"})
    assert side.state["phase"] == ("done" if verb == "finish" else "back")
    assert {each.path.rsplit("/", 1)[1] for each in side.deletions()} == {gone}
    proofs = [at for at, each in enumerate(side.student.cloud.requests) if each.path.endswith("/metrics")]
    first = side.student.cloud.requests.index(side.deletions()[0])
    assert len([each for each in proofs if each < first]) >= 2, "asked twice before the first DELETE"


def test_a_rehearsal_that_was_killed_is_resumed_first(side: SideBySide) -> None:
    side.at_weights(100)
    side.metrics.calls = {"chat": lambda minute: 0.0, "chat-2": lambda minute: 7.0}
    side.time = datetime.now(UTC)
    killed = Killed(side.student.cloud, side.student.project)
    words = ("models", "migrate", "finish", "chat", *WHERE)
    assert killed.run(*words, "--rehearse", "5", at="/pause")[0] == -signal.SIGKILL
    assert side.account.paused == ["pause chat"]
    status, err = killed.run(*words)
    assert status == 0, err
    assert side.account.paused == ["pause chat", "resume chat"]


def test_two_commands_at_once_do_one_thing(side: SideBySide, monkeypatch: pytest.MonkeyPatch) -> None:
    side.at_weights(10)
    monkeypatch.setattr("jobs.state.LOCK_SECONDS", 1)
    with exclusive_lock("models-ai-shop-chat.lock", "x"):
        status, seen = side.run("shift", "chat", "20", "--yes")
    assert (status, "Another command is at work" in seen, side.weights["chat-2"]) == (1, True, 10)
