"""The doctor's checks side by side: one that does not answer in time holds neither the others nor the process."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from threading import Event

import pytest

from tests.azure_fakes.cloud import Answer, Request
from tests.azure_fakes.resource_manager import refusal
from tests.infra.configuration import ROOT
from tests.jobs.doctor.doctor_cli import World
from tests.jobs.doctor.doctor_cli import world as world


@pytest.fixture
def release() -> Iterator[Event]:
    """Lets go of the requests that a test keeps waiting, and waits for the thread that was left behind with one."""
    event = Event()
    yield event
    event.set()
    for thread in threading.enumerate():
        if thread.name in ("roles", "subscription"):
            thread.join(30)


def silence_roles(world: World, release: Event) -> None:
    """The question for roles gets no answer before the release."""
    answer = world.manager.__call__

    def slow(request: Request) -> Answer:
        if request.path.endswith("/permissions"):
            release.wait(60)
        return answer(request)

    world.cloud.services["management.azure.com"] = slow


def test_what_does_not_answer_in_time_is_left_behind(
    world: World, release: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jobs.doctor.run.SECONDS", 3.0)
    silence_roles(world, release)
    status, checks = world.doctor()
    assert status == 0
    assert "in time" in checks["roles"]["message"]
    assert checks["names"]["status"] == "ok"


def test_when_azure_does_not_answer_at_all_nothing_is_ready(
    world: World, release: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jobs.doctor.run.SECONDS", 2.0)

    def silent(request: Request) -> Answer:
        release.wait(60)
        return refusal(404, "SubscriptionNotFound")

    world.cloud.services["management.azure.com"] = silent
    status, checks = world.doctor()
    assert status == 1
    assert "are you online" in checks["subscription"]["message"]
    assert checks["azure"]["status"] == "skipped"


def test_what_does_not_answer_does_not_hold_the_process(world: World, release: Event) -> None:
    silence_roles(world, release)
    hurried = (
        "import jobs.doctor as d, jobs.entry as e; d.SECONDS = 5.0; raise SystemExit(e.main(['doctor', '--json']))"
    )
    words = [sys.executable, "-c", hurried]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False, timeout=40)
    assert not release.is_set()
    assert "in time" in {each["name"]: each["message"] for each in json.loads(done.stdout)["checks"]}["roles"]
    assert "Traceback" not in done.stderr
