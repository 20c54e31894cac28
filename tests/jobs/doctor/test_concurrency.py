"""doctor's checks run at the same time: a late one delays neither the others nor the process."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from threading import Event

import pytest

from tests.azure_fakes.cloud import Request, Response
from tests.azure_fakes.resource_manager import error_response
from tests.infra.configuration import ROOT
from tests.jobs.student import DoctorCli


@pytest.fixture
def release() -> Iterator[Event]:
    """Releases the requests that a test delays, and waits for the thread that was left behind with one."""
    event = Event()
    yield event
    event.set()
    for thread in threading.enumerate():
        if thread.name in ("roles", "subscription"):
            thread.join(30)


def delay_permissions(student: DoctorCli, release: Event) -> None:
    """The request for permissions gets no answer before the release."""
    answer = student.manager.__call__

    def slow(request: Request) -> Response:
        if request.path.endswith("/permissions"):
            release.wait(60)
        return answer(request)

    student.cloud.services["management.azure.com"] = slow


def test_a_check_without_an_answer_in_time_is_a_warning(
    student: DoctorCli, release: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jobs.doctor.run.MAX_SECONDS", 3.0)
    delay_permissions(student, release)
    status, checks = student.doctor()
    assert status == 0
    assert "in time" in checks["roles"]["message"]
    assert checks["names"]["status"] == "ok"


def test_without_any_answer_of_azure_doctor_reports_a_problem(
    student: DoctorCli, release: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jobs.doctor.run.MAX_SECONDS", 2.0)

    def silent(request: Request) -> Response:
        release.wait(60)
        return error_response(404, "SubscriptionNotFound")

    student.cloud.services["management.azure.com"] = silent
    status, checks = student.doctor()
    assert status == 1
    assert "are you online" in checks["subscription"]["message"]
    assert checks["azure"]["status"] == "skipped"


def test_a_check_without_an_answer_does_not_delay_the_end_of_the_process(student: DoctorCli, release: Event) -> None:
    delay_permissions(student, release)
    hurried = (
        "import jobs.doctor.run as d, jobs.entry as e; d.MAX_SECONDS = 5.0; "
        "raise SystemExit(e.main(['doctor', '--json']))"
    )
    command = [sys.executable, "-c", hurried]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=40)
    assert not release.is_set()
    assert "in time" in {each["name"]: each["message"] for each in json.loads(done.stdout)["checks"]}["roles"]
    assert "Traceback" not in done.stderr
