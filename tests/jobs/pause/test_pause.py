"""pause: trigger and server are stopped once, and what is still billed is shown."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from jobs.pause.run import JobError, pause_stack, restart_date, resume_stack
from tests.azure_fakes.cloud import Response
from tests.azure_fakes.factory_answers import HOST, TRIGGER
from tests.azure_fakes.flexible_server import OPERATION, VERSION
from tests.azure_fakes.resource_manager import error_response
from tests.jobs.cli_process import Terminal, wait_for
from tests.jobs.pause.paused_stack import PausedStack, server_name, today


def test_pause_stops_the_trigger_and_then_the_server_and_shows_what_is_still_billed(stack: PausedStack) -> None:
    status, output = stack.run("pause")
    assert status == 0
    assert stack.asked() == ["stop TR_Diario_FER", f"stop {server_name(stack)}"]
    assert stack.server.value("properties.state") == "Stopped"
    assert f"starts it again on {today() + timedelta(days=7)}" in output
    assert "storage is billed" in output and "the daily trigger too" in output
    assert "`python -m jobs resume --target dev`" in output


def test_pausing_twice_does_nothing_and_keeps_the_day(stack: PausedStack) -> None:
    first = stack.json("pause")
    stack.asked()
    second = stack.json("pause")
    assert stack.asked() == []
    assert second == first | {"already": True}
    status, output = stack.run("pause")
    assert status == 0 and "was stopped already" in output


def test_a_trigger_that_was_off_stays_off(stack: PausedStack) -> None:
    stack.trigger["runtimeState"] = "Stopped"
    assert stack.json("pause")["trigger_stopped"] is False
    found = stack.json("resume")
    assert found["trigger_started"] is False
    assert not any("TR_Diario_FER" in each for each in stack.asked())


def test_a_stack_without_the_trigger_is_paused_too(stack: PausedStack) -> None:
    stack.factory.trigger = None
    assert stack.run("pause")[0] == 0
    assert stack.run("resume")[0] == 0
    assert stack.asked() == [f"stop {server_name(stack)}", f"start {server_name(stack)}"]


def test_an_interrupted_pause_remembers_the_trigger(stack: PausedStack) -> None:
    stack.servers.first_responses["stop"] = [error_response(409, "ServerIsBusy")]
    status, output = stack.run("pause")
    assert status == 1 and "ServerIsBusy" in output and "run the same command again" in output
    assert stack.trigger["runtimeState"] == "Stopped"
    assert stack.json("pause")["trigger_stopped"] is True
    assert stack.json("resume")["trigger_started"] is True


@pytest.mark.parametrize("status, code", [(403, "AuthorizationFailed"), (404, "ResourceGroupNotFound")])
def test_a_factory_that_refuses_does_not_keep_the_server_from_stopping(
    stack: PausedStack, status: int, code: str
) -> None:
    stack.factory.first_responses = {TRIGGER: [error_response(status, code)] * 9}
    found = stack.json("pause")
    assert stack.asked() == [f"stop {server_name(stack)}"]
    assert found["trigger_stopped"] is False and code in found["refusal"]
    exit_status, output = stack.run("pause")
    assert exit_status == 0 and f"The daily trigger may still be on. {found['refusal']}" in output


def test_a_trigger_that_was_switched_off_since_the_last_pause_stays_off(stack: PausedStack) -> None:
    stack.run("pause")
    stack.servers.states, stack.trigger["runtimeState"] = ["Ready"], "Stopped"  # resumed from another machine
    stack.run("pause")
    assert stack.json("resume")["trigger_started"] is False


def test_a_server_that_somebody_else_stopped_has_no_day(stack: PausedStack) -> None:
    stack.servers.states = ["Stopped"]
    found = stack.json("pause")
    assert (found["already"], found["restarts_on"]) == (True, None)
    assert "seven days after it was stopped" in stack.run("pause")[1]


def test_a_server_on_its_way_is_waited_for(stack: PausedStack) -> None:
    stack.servers.states = ["Stopping", "Stopping", "Stopped"]
    waits: list[float] = []
    assert pause_stack("dev", stack.outputs, waits.append).already
    assert len(waits) == 2
    assert f"stop {server_name(stack)}" not in stack.asked()


def test_a_server_that_does_not_settle_is_an_error(stack: PausedStack) -> None:
    stack.servers.states = ["Updating"]
    with pytest.raises(JobError, match="still Updating"):
        pause_stack("dev", stack.outputs, lambda seconds: None)


def test_ctrl_c_while_the_server_stops_says_that_it_goes_on(stack: PausedStack) -> None:
    at = f"https://{HOST}{OPERATION}/stop?api-version={VERSION}"
    stack.servers.first_responses["stop"] = [Response(202, headers={"Azure-AsyncOperation": at, "Retry-After": "0.01"})]
    stack.servers.polls = 10**9
    terminal = Terminal("pause", "--target", "dev", "--outputs", str(stack.outputs))
    terminal.wait_for("Asking Azure to stop the server")
    wait_for(lambda: any(each.path.startswith(OPERATION) for each in stack.cloud.requests), lambda: terminal.screen)
    terminal.interrupt()
    status, _ = terminal.finish()
    terminal.close()
    assert status == 130 and terminal.screen.splitlines()[-1] == "Stopped: the same command goes on from here."


@pytest.mark.parametrize("verb", ["pause", "resume"])
def test_a_missing_role_is_an_error(stack: PausedStack, verb: str) -> None:
    stack.cloud.services[HOST] = lambda request: error_response(403, "AuthorizationFailed")
    status, output = stack.run(verb)
    assert status == 1 and "the role Contributor" in output and "Traceback" not in output


@pytest.mark.parametrize("verb", [pause_stack, resume_stack])
def test_the_laptop_is_not_paused(verb: Callable[[str], object]) -> None:
    with pytest.raises(JobError, match="local down"):
        verb("local")


def test_the_day_of_the_restart_is_known_until_it_is_past() -> None:
    assert restart_date(today().isoformat()) == (today() + timedelta(days=7)).isoformat()
    assert restart_date((today() - timedelta(days=8)).isoformat()) is None
    assert restart_date(None) is None
