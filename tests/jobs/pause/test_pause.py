"""pause: trigger and server are stopped once, and what is still billed is shown."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from jobs.pause.run import JobError, pause_stack, restart_date, resume_stack
from tests.azure_fakes.cloud import Answer
from tests.azure_fakes.data_factory import HOST
from tests.azure_fakes.flexible_server import OPERATION, VERSION
from tests.azure_fakes.resource_manager import refusal
from tests.jobs.cli_process import Terminal, wait_for
from tests.jobs.pause.paused_stack import PausedStack, name, today


def test_pause_stops_the_trigger_and_then_the_server_and_shows_what_is_still_billed(world: PausedStack) -> None:
    status, output = world.run("pause")
    assert status == 0
    assert world.asked() == ["stop TR_Diario_FER", f"stop {name(world)}"]
    assert world.server.states == ["Stopped"]
    assert f"starts it again on {today() + timedelta(days=7)}" in output
    assert "storage is billed" in output and "the daily trigger too" in output
    assert "`python -m jobs resume --target dev`" in output


def test_pausing_twice_does_nothing_and_keeps_the_day(world: PausedStack) -> None:
    first = world.json("pause")
    world.asked()
    second = world.json("pause")
    assert world.asked() == []
    assert second == first | {"already": True}
    status, output = world.run("pause")
    assert status == 0 and "was stopped already" in output


def test_a_trigger_that_was_off_stays_off(world: PausedStack) -> None:
    world.trigger["runtimeState"] = "Stopped"
    assert world.json("pause")["trigger_stopped"] is False
    found = world.json("resume")
    assert found["trigger_started"] is False
    assert not any("TR_Diario_FER" in each for each in world.asked())


def test_a_stack_without_the_trigger_is_paused_too(world: PausedStack) -> None:
    world.factory.trigger = None
    assert world.run("pause")[0] == 0
    assert world.run("resume")[0] == 0
    assert world.asked() == [f"stop {name(world)}", f"start {name(world)}"]


def test_an_interrupted_pause_remembers_the_trigger(world: PausedStack) -> None:
    world.server.first["stop"] = [refusal(409, "ServerIsBusy")]
    status, output = world.run("pause")
    assert status == 1 and "ServerIsBusy" in output and "run the same command again" in output
    assert world.trigger["runtimeState"] == "Stopped"
    assert world.json("pause")["trigger_stopped"] is True
    assert world.json("resume")["trigger_started"] is True


@pytest.mark.parametrize("status, code", [(403, "AuthorizationFailed"), (404, "ResourceGroupNotFound")])
def test_a_factory_that_refuses_does_not_keep_the_server_from_stopping(
    world: PausedStack, status: int, code: str
) -> None:
    world.cloud.services[HOST] = lambda request: world.server(request) or refusal(status, code)
    found = world.json("pause")
    assert world.asked() == [f"stop {name(world)}"]
    assert found["trigger_stopped"] is False and code in found["refusal"]
    exit_status, output = world.run("pause")
    assert exit_status == 0 and f"The daily trigger may still be on. {found['refusal']}" in output


def test_a_trigger_that_was_switched_off_since_the_last_pause_stays_off(world: PausedStack) -> None:
    world.run("pause")
    world.server.states, world.trigger["runtimeState"] = ["Ready"], "Stopped"  # resumed from another machine
    world.run("pause")
    assert world.json("resume")["trigger_started"] is False


def test_a_server_that_somebody_else_stopped_has_no_day(world: PausedStack) -> None:
    world.server.states = ["Stopped"]
    found = world.json("pause")
    assert (found["already"], found["restarts_on"]) == (True, None)
    assert "seven days after it was stopped" in world.run("pause")[1]


def test_a_server_on_its_way_is_waited_for(world: PausedStack) -> None:
    world.server.states = ["Stopping", "Stopping", "Stopped"]
    waits: list[float] = []
    assert pause_stack("dev", world.outputs, waits.append).already
    assert len(waits) == 2
    assert f"stop {name(world)}" not in world.asked()


def test_a_server_that_does_not_settle_is_an_error(world: PausedStack) -> None:
    world.server.states = ["Updating"]
    with pytest.raises(JobError, match="still Updating"):
        pause_stack("dev", world.outputs, lambda seconds: None)


def test_ctrl_c_while_the_server_stops_says_that_it_goes_on(world: PausedStack) -> None:
    at = f"https://{HOST}{OPERATION}/stop?api-version={VERSION}"
    world.server.first["stop"] = [Answer(202, headers={"Azure-AsyncOperation": at, "Retry-After": "0.01"})]
    world.server.looks = 10**9
    terminal = Terminal("pause", "--target", "dev", "--outputs", str(world.outputs))
    terminal.wait("Asking Azure to stop the server")
    wait_for(lambda: any(each.path.startswith(OPERATION) for each in world.cloud.asked), lambda: terminal.screen)
    terminal.interrupt()
    status, _ = terminal.end()
    terminal.close()
    assert status == 130 and terminal.screen.splitlines()[-1] == "Stopped: the same command goes on from here."


@pytest.mark.parametrize("verb", ["pause", "resume"])
def test_a_missing_role_is_an_error(world: PausedStack, verb: str) -> None:
    world.cloud.services[HOST] = lambda request: refusal(403, "AuthorizationFailed")
    status, output = world.run(verb)
    assert status == 1 and "the role Contributor" in output and "Traceback" not in output


@pytest.mark.parametrize("verb", [pause_stack, resume_stack])
def test_the_laptop_is_not_paused(verb: Callable[[str], object]) -> None:
    with pytest.raises(JobError, match="local down"):
        verb("local")


def test_the_day_of_the_restart_is_known_until_it_is_past() -> None:
    assert restart_date(today().isoformat()) == (today() + timedelta(days=7)).isoformat()
    assert restart_date((today() - timedelta(days=8)).isoformat()) is None
    assert restart_date(None) is None
