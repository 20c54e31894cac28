"""resume: server and trigger start again, and the database accepts connections or the output says why not."""

from dataclasses import replace

import pytest

from jobs.local.ports import free_port
from jobs.pause.run import LOGIN_ATTEMPTS, resume_stack
from jobs.postgres.connection import target_url
from tests.databases import administering
from tests.jobs.pause.paused_stack import PausedStack, server_name


def test_resume_starts_the_server_then_the_trigger_and_connects(stack: PausedStack) -> None:
    stack.run("pause")
    stack.asked()
    status, output = stack.run("resume")
    assert status == 0
    assert stack.asked() == [f"start {server_name(stack)}", "start TR_Diario_FER"]
    assert "runs and answers" in output and "trigger is on again" in output


def test_resuming_twice_says_so(stack: PausedStack) -> None:
    stack.run("pause")
    stack.run("resume")
    stack.asked()
    status, output = stack.run("resume")
    assert (status, stack.asked()) == (0, [])
    assert "ran already and answers" in output


def test_a_trigger_that_was_switched_off_after_resuming_stays_off(stack: PausedStack) -> None:
    stack.run("pause")
    stack.run("resume")
    stack.trigger["runtimeState"] = "Stopped"
    assert stack.json("resume")["trigger_started"] is False
    assert stack.trigger["runtimeState"] == "Stopped"


@pytest.mark.parametrize(("option", "started"), [("--trigger", True), ("--no-trigger", False)])
def test_the_option_says_otherwise(stack: PausedStack, option: str, started: bool) -> None:
    stack.trigger["runtimeState"] = "Stopped" if started else "Started"
    stack.run("pause")
    assert stack.json("resume", option)["trigger_started"] is started
    assert ("start TR_Diario_FER" in stack.asked()) is started


def test_a_private_server_is_not_connected_to(stack: PausedStack) -> None:
    stack.server.body["properties"]["network"]["publicNetworkAccess"] = "Disabled"
    stack.write(replace(stack.target, postgres_port=free_port()))
    status, output = stack.run("resume")
    assert status == 0 and "within its network only" in output
    assert stack.json("resume")["answers"] is None


def test_a_server_that_refuses_connections_is_reported_after_some_attempts(stack: PausedStack) -> None:
    stack.write(replace(stack.target, postgres_port=free_port()))
    waits: list[float] = []
    result = resume_stack("dev", stack.outputs, sleep=waits.append)
    assert result.answers is False and len(waits) == LOGIN_ATTEMPTS - 1
    assert result.refusal in result.summary() and "does not accept your connection" in result.summary()


def test_a_server_that_needs_its_time_is_waited_for(stack: PausedStack) -> None:
    name = f"{stack.target.postgres_database}_late"
    stack.write(replace(stack.target, postgres_database=name))
    waits: list[float] = []
    with administering(target_url(stack.target)) as cursor:

        def appear(seconds: float) -> None:
            waits.append(seconds)
            cursor.execute(f"CREATE DATABASE {name}")

        result = resume_stack("dev", stack.outputs, sleep=appear)
        cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")
    assert result.answers is True and len(waits) == 1
