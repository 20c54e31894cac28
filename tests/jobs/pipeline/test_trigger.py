"""The command trigger: start a trigger, stop it, and show its state."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from jobs.azure import retries
from jobs.errors import JobError
from jobs.pipeline import trigger
from jobs.pipeline.data_factory import client
from jobs.pipeline.data_factory.client import open_factory
from jobs.target import Target
from tests.azure_fakes.cloud import Cloud, Request, Response
from tests.azure_fakes.data_factory import DataFactory
from tests.azure_fakes.factory_answers import FACTORY_PATH, HOST, OUTPUTS, PIPELINE, TRIGGER
from tests.fake_programs import FakeProgram
from tests.jobs.cli_process import Terminal, run_jobs, wait_for, without_waits, write_outputs

TARGET = Target.from_outputs(OUTPUTS, "pulumi up")
TRIGGER_PATH = f"{FACTORY_PATH}/triggers/{TRIGGER}"


def changes(cloud: Cloud) -> list[str]:
    """The requests that change the trigger."""
    return [f"{each.method} {each.path}" for each in cloud.requests if each.method != "GET"]


def test_a_trigger_is_started(cloud: Cloud, data_factory: DataFactory) -> None:
    result = trigger.start_trigger(TARGET)
    assert changes(cloud) == [f"POST {TRIGGER_PATH}/start"]
    assert (result.trigger, result.runtime_state, result.pipelines) == (TRIGGER, "Started", [PIPELINE])
    assert result.next_run is not None and result.next_run.endswith("T03:00:00Z")
    assert result.recurrence["frequency"] == "Day"
    assert "every 1 Day" in result.summary() and result.next_run in result.summary()


def test_a_trigger_is_stopped(cloud: Cloud, data_factory: DataFactory) -> None:
    trigger.start_trigger(TARGET)
    result = trigger.stop_trigger(TARGET)
    assert changes(cloud) == [f"POST {TRIGGER_PATH}/start", f"POST {TRIGGER_PATH}/stop"]
    assert (result.runtime_state, result.next_run) == ("Stopped", None)


def test_a_trigger_that_is_in_that_state_already_is_not_changed(cloud: Cloud, data_factory: DataFactory) -> None:
    assert trigger.stop_trigger(TARGET).runtime_state == "Stopped"
    assert changes(cloud) == []


def test_status_changes_nothing(cloud: Cloud, data_factory: DataFactory) -> None:
    result = trigger.trigger_status(TARGET)
    assert (result.runtime_state, result.next_run) == ("Stopped", None)
    assert [(each.method, each.path) for each in cloud.requests] == [("GET", TRIGGER_PATH)]


def test_a_long_start_is_waited_for(cloud: Cloud, data_factory: DataFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "OPERATION_SECONDS", 0)
    states = iter(["InProgress", "Succeeded"])

    def slowly(request: Request) -> Response:
        if request.path == "/operations/1":
            return Response(200, {"status": next(states)})
        answer = data_factory(request)
        if request.path.endswith("/start"):
            operation = f"https://{HOST}/operations/1?api-version=2018-06-01"
            return Response(200, None, {"Azure-AsyncOperation": operation})
        return answer

    cloud.services[HOST] = slowly
    assert trigger.start_trigger(TARGET).runtime_state == "Started"
    assert [each.path for each in cloud.requests] == [
        TRIGGER_PATH,
        f"{TRIGGER_PATH}/start",
        *["/operations/1"] * 2,
        TRIGGER_PATH,
    ]


def test_a_trigger_that_changes_slowly_is_waited_for(data_factory: DataFactory) -> None:
    waits: list[float] = []
    with open_factory(TARGET) as factory:
        data_factory.trigger_states = ["Stopped", "Stopped"]
        result = trigger.switch_trigger(replace(factory, wait=waits.append), TRIGGER, "Started")
    assert (result.runtime_state, waits) == ("Started", [trigger.POLL_SECONDS])


def test_a_trigger_that_never_changes_is_an_error(cloud: Cloud, data_factory: DataFactory) -> None:
    data_factory.first_responses["/start"] = [Response(200)]
    waits: list[float] = []
    with (
        open_factory(TARGET, "--target dev") as factory,
        pytest.raises(JobError, match=f"status {TRIGGER} --target dev"),
    ):
        trigger.switch_trigger(replace(factory, wait=waits.append), TRIGGER, "Started")
    assert sum(waits) == trigger.MAX_SECONDS


@pytest.fixture
def endless(cloud: Cloud, data_factory: DataFactory) -> Cloud:
    """Azure, where the operation that starts the trigger never ends."""
    headers = {"Azure-AsyncOperation": f"https://{HOST}/operations/1", "Retry-After": "0.01"}
    going = Response(200, {"status": "InProgress"}, headers)
    started = f"{TRIGGER_PATH}/start"
    cloud.services[HOST] = lambda r: going if r.path in (started, "/operations/1") else data_factory(r)
    return cloud


def test_an_operation_without_an_end_is_not_waited_for_any_longer(
    endless: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jobs.azure.arm.MAX_SECONDS", 0.0)
    with pytest.raises(JobError, match=r"not done after 0 minutes\): run the same command again"):
        trigger.start_trigger(TARGET)


def test_ctrl_c_while_the_trigger_starts_says_how_to_go_on(endless: Cloud, tmp_path: Path) -> None:
    terminal = Terminal("trigger", "start", "--outputs", str(write_outputs(tmp_path / "outputs.json", OUTPUTS)))
    wait_for(lambda: any(each.path == "/operations/1" for each in endless.requests), lambda: terminal.screen)
    terminal.interrupt()
    status, _ = terminal.finish()
    terminal.close()
    assert status == 130 and terminal.screen.splitlines()[-1] == "Stopped: the same command goes on from here."


@pytest.mark.parametrize("command", [trigger.start_trigger, trigger.stop_trigger, trigger.trigger_status])
def test_a_trigger_that_is_not_deployed_names_the_setting(data_factory: DataFactory, command: object) -> None:
    data_factory.trigger = None
    with pytest.raises(trigger.TriggerNotFoundError, match="`pulumi config set dailyTrigger true`, then `pulumi up`"):
        command(TARGET)  # type: ignore[operator]
    with pytest.raises(trigger.TriggerNotFoundError, match=f"no trigger Other.*{TRIGGER}"):
        command(TARGET, "Other")  # type: ignore[operator]


def test_a_missing_factory_is_not_a_missing_trigger(cloud: Cloud) -> None:
    cloud.services[HOST] = lambda request: Response(404, {"error": {"code": "ResourceGroupNotFound", "message": "No."}})
    with pytest.raises(JobError, match="does not have the factory") as error:
        trigger.stop_trigger(TARGET)
    assert not isinstance(error.value, trigger.TriggerNotFoundError)


def test_a_refusal_is_one_sentence(cloud: Cloud, data_factory: DataFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retries, "MAX_RETRIES", 0)
    data_factory.first_responses["/start"] = [
        Response(403, {"error": {"code": "AuthorizationFailed", "message": "No."}}),
        Response(409, {"error": {"code": "TriggerBusy", "message": "Later."}}),
        Response(503, {"error": {"code": "ServiceUnavailable", "message": "Later."}}),
    ]
    for sentence in ("role Data Factory Contributor", "refuses the factory.*TriggerBusy", "ServiceUnavailable"):
        with pytest.raises(JobError, match=sentence):
            trigger.start_trigger(TARGET)
    assert len(changes(cloud)) == 3


@pytest.mark.parametrize(
    "answer",
    [
        Response(200),
        Response(200, {}),
        Response(200, b"<html></html>", {"Content-Type": "text/html"}),
        Response(200, b"{"),
    ],
    ids=["empty", "no properties", "a page", "half"],
)
def test_an_answer_that_is_not_azure_s_is_one_sentence(data_factory: DataFactory, answer: Response) -> None:
    data_factory.first_responses[TRIGGER] = [answer]
    with pytest.raises(JobError, match="the factory the-factory of the-group"):
        trigger.trigger_status(TARGET)


def test_a_start_is_sent_again_while_azure_is_busy(cloud: Cloud, data_factory: DataFactory) -> None:
    data_factory.first_responses["/start"] = [Response(429, headers={"Retry-After": "0.01"}), Response(503)]
    assert trigger.start_trigger(TARGET).runtime_state == "Started"
    assert changes(cloud) == [f"POST {TRIGGER_PATH}/start"] * 3


def test_a_trigger_of_another_kind(data_factory: DataFactory) -> None:
    data_factory.trigger = {
        "name": TRIGGER,
        "properties": {"type": "BlobEventsTrigger", "runtimeState": "Started", "typeProperties": {"scope": "x"}},
    }
    result = trigger.trigger_status(TARGET)
    assert (result.recurrence, result.next_run, result.summary()) == ({}, None, f"{TRIGGER}: Started, runs nothing")


def test_the_command(cloud: Cloud, data_factory: DataFactory, programs: Path, tmp_path: Path) -> None:
    pulumi = FakeProgram(programs, "pulumi")
    pulumi.set_output("stack output", OUTPUTS)
    done = run_jobs("trigger", "start", "--target", "dev", "--json")
    assert (done.returncode, without_waits(done.stderr)) == (0, [])
    assert set(json.loads(done.stdout)) == {"trigger", "runtime_state", "pipelines", "recurrence", "next_run"}
    assert pulumi.calls()[0][-2:] == ["--stack", "dev"]
    plain = run_jobs("trigger", "status", TRIGGER, "--outputs", str(write_outputs(tmp_path / "outputs.json", OUTPUTS)))
    assert plain.stdout.startswith(f"{TRIGGER}: Started")
    assert changes(cloud) == [f"POST {TRIGGER_PATH}/start"]
    assert run_jobs("trigger", "restart").returncode == 2
