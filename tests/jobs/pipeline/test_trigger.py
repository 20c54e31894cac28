"""The schedule: start, stop and tell a trigger."""

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
from tests.azure_fakes.cloud import Answer, Cloud, Request
from tests.azure_fakes.data_factory import AT, HOST, OUTPUTS, PIPELINE, TRIGGER, DataFactory
from tests.azure_fakes.programs import Program
from tests.jobs.cli_process import Terminal, jobs, until, written

TARGET = Target.from_outputs(OUTPUTS, "pulumi up")
HERE = f"{AT}/triggers/{TRIGGER}"


def turned(cloud: Cloud) -> list[str]:
    """What was asked besides how the trigger stands."""
    return [f"{each.method} {each.path}" for each in cloud.asked if each.method != "GET"]


def test_a_trigger_is_started(cloud: Cloud, played: DataFactory) -> None:
    told = trigger.start_trigger(TARGET)
    assert turned(cloud) == [f"POST {HERE}/start"]
    assert (told.trigger, told.runtime_state, told.pipelines) == (TRIGGER, "Started", [PIPELINE])
    assert told.next_run is not None and told.next_run.endswith("T03:00:00Z")
    assert told.recurrence["frequency"] == "Day"
    assert "every 1 Day" in told.summary() and told.next_run in told.summary()


def test_a_trigger_is_stopped(cloud: Cloud, played: DataFactory) -> None:
    trigger.start_trigger(TARGET)
    told = trigger.stop_trigger(TARGET)
    assert turned(cloud) == [f"POST {HERE}/start", f"POST {HERE}/stop"]
    assert (told.runtime_state, told.next_run) == ("Stopped", None)


def test_a_trigger_that_stands_so_already_is_left_alone(cloud: Cloud, played: DataFactory) -> None:
    assert trigger.stop_trigger(TARGET).runtime_state == "Stopped"
    assert turned(cloud) == []


def test_status_changes_nothing(cloud: Cloud, played: DataFactory) -> None:
    told = trigger.trigger_status(TARGET)
    assert (told.runtime_state, told.next_run) == ("Stopped", None)
    assert [(each.method, each.path) for each in cloud.asked] == [("GET", HERE)]


def test_a_long_start_is_waited_for(cloud: Cloud, played: DataFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "OPERATION_SECONDS", 0)
    states = iter(["InProgress", "Succeeded"])

    def slowly(request: Request) -> Answer:
        if request.path == "/operations/1":
            return Answer(200, {"status": next(states)})
        answer = played(request)
        if request.path.endswith("/start"):
            operation = f"https://{HOST}/operations/1?api-version=2018-06-01"
            return Answer(200, None, {"Azure-AsyncOperation": operation})
        return answer

    cloud.services[HOST] = slowly
    assert trigger.start_trigger(TARGET).runtime_state == "Started"
    assert [each.path for each in cloud.asked] == [HERE, f"{HERE}/start", *["/operations/1"] * 2, HERE]


def test_a_trigger_that_turns_slowly_is_waited_for(played: DataFactory) -> None:
    waits: list[float] = []
    with open_factory(TARGET) as factory:
        played.turning = ["Stopped", "Stopped"]
        told = trigger.switch_trigger(replace(factory, wait=waits.append), TRIGGER, "Started")
    assert (told.runtime_state, waits) == ("Started", [trigger.LOOK_SECONDS])


def test_a_trigger_that_never_turns_is_told(cloud: Cloud, played: DataFactory) -> None:
    played.first["/start"] = [Answer(200)]
    waits: list[float] = []
    with (
        open_factory(TARGET, "--target dev") as factory,
        pytest.raises(JobError, match=f"status {TRIGGER} --target dev"),
    ):
        trigger.switch_trigger(replace(factory, wait=waits.append), TRIGGER, "Started")
    assert len(waits) == trigger.LOOKS


@pytest.fixture
def endless(cloud: Cloud, played: DataFactory) -> Cloud:
    """To start the trigger is an operation without an end."""
    headers = {"Azure-AsyncOperation": f"https://{HOST}/operations/1", "Retry-After": "0.01"}
    going = Answer(200, {"status": "InProgress"}, headers)
    started = f"{HERE}/start"
    cloud.services[HOST] = lambda r: going if r.path in (started, "/operations/1") else played(r)
    return cloud


def test_an_operation_without_an_end_is_given_up(endless: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobs.azure.arm.MAX_SECONDS", 0.0)
    with pytest.raises(JobError, match=r"not done after 0 minutes\): run the same command again"):
        trigger.start_trigger(TARGET)


def test_ctrl_c_while_the_trigger_turns_says_how_to_go_on(endless: Cloud, tmp_path: Path) -> None:
    terminal = Terminal("trigger", "start", "--outputs", str(written(tmp_path / "outputs.json", OUTPUTS)))
    until(lambda: any(each.path == "/operations/1" for each in endless.asked), lambda: terminal.seen)
    terminal.interrupt()
    status, _ = terminal.end()
    terminal.close()
    assert status == 130 and terminal.seen.splitlines()[-1] == "Stopped: the same command goes on from here."


@pytest.mark.parametrize("ask", [trigger.start_trigger, trigger.stop_trigger, trigger.trigger_status])
def test_a_trigger_that_is_not_deployed_names_the_setting(played: DataFactory, ask: object) -> None:
    played.trigger = None
    with pytest.raises(trigger.TriggerNotFoundError, match="`pulumi config set dailyTrigger true`, then `pulumi up`"):
        ask(TARGET)  # type: ignore[operator]
    with pytest.raises(trigger.TriggerNotFoundError, match=f"no trigger Other.*{TRIGGER}"):
        ask(TARGET, "Other")  # type: ignore[operator]


def test_a_factory_that_is_not_there_is_no_missing_trigger(cloud: Cloud) -> None:
    cloud.services[HOST] = lambda request: Answer(404, {"error": {"code": "ResourceGroupNotFound", "message": "No."}})
    with pytest.raises(JobError, match="no such thing as the factory") as failure:
        trigger.stop_trigger(TARGET)
    assert not isinstance(failure.value, trigger.TriggerNotFoundError)


def test_a_refusal_is_one_sentence(cloud: Cloud, played: DataFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retries, "TIMES", 0)
    played.first["/start"] = [
        Answer(403, {"error": {"code": "AuthorizationFailed", "message": "No."}}),
        Answer(409, {"error": {"code": "TriggerBusy", "message": "Later."}}),
        Answer(503, {"error": {"code": "ServiceUnavailable", "message": "Later."}}),
    ]
    for sentence in ("role Data Factory Contributor", "refuses the factory.*TriggerBusy", "ServiceUnavailable"):
        with pytest.raises(JobError, match=sentence):
            trigger.start_trigger(TARGET)
    assert len(turned(cloud)) == 3


@pytest.mark.parametrize(
    "answer",
    [Answer(200), Answer(200, {}), Answer(200, b"<html></html>", {"Content-Type": "text/html"}), Answer(200, b"{")],
    ids=["empty", "no properties", "a page", "half"],
)
def test_an_answer_that_is_none_is_one_sentence(played: DataFactory, answer: Answer) -> None:
    played.first[TRIGGER] = [answer]
    with pytest.raises(JobError, match="the factory the-factory of the-group"):
        trigger.trigger_status(TARGET)


def test_a_start_that_azure_is_too_busy_for_is_sent_again(cloud: Cloud, played: DataFactory) -> None:
    played.first["/start"] = [Answer(429, headers={"Retry-After": "0.01"}), Answer(503)]
    assert trigger.start_trigger(TARGET).runtime_state == "Started"
    assert turned(cloud) == [f"POST {HERE}/start"] * 3


def test_a_trigger_of_another_kind_is_told(played: DataFactory) -> None:
    played.trigger = {
        "name": TRIGGER,
        "properties": {"type": "BlobEventsTrigger", "runtimeState": "Started", "typeProperties": {"scope": "x"}},
    }
    told = trigger.trigger_status(TARGET)
    assert (told.recurrence, told.next_run, told.summary()) == ({}, None, f"{TRIGGER}: Started, runs nothing")


def test_the_command(cloud: Cloud, played: DataFactory, programs: Path, tmp_path: Path) -> None:
    pulumi = Program(programs, "pulumi")
    pulumi.says("stack output", OUTPUTS)
    done = jobs("trigger", "start", "--target", "dev", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    assert set(json.loads(done.stdout)) == {"trigger", "runtime_state", "pipelines", "recurrence", "next_run"}
    assert pulumi.calls()[0][-2:] == ["--stack", "dev"]
    plain = jobs("trigger", "status", TRIGGER, "--outputs", str(written(tmp_path / "outputs.json", OUTPUTS)))
    assert plain.stdout.startswith(f"{TRIGGER}: Started")
    assert turned(cloud) == [f"POST {HERE}/start"]
    assert jobs("trigger", "restart").returncode == 2
