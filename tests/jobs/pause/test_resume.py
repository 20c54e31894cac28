"""resume: server and trigger start again, and the database accepts connections or the output says why not."""

from dataclasses import replace

import pytest

from jobs.local.ports import free_port
from jobs.pause.run import LOGIN_ATTEMPTS, resume_stack
from jobs.postgres.connection import target_url
from tests.databases import administering
from tests.jobs.pause.paused_stack import PausedStack, name


def test_resume_starts_the_server_then_the_trigger_and_connects(world: PausedStack) -> None:
    world.run("pause")
    world.asked()
    status, output = world.run("resume")
    assert status == 0
    assert world.asked() == [f"start {name(world)}", "start TR_Diario_FER"]
    assert "runs and answers" in output and "trigger is on again" in output


def test_resuming_twice_says_so(world: PausedStack) -> None:
    world.run("pause")
    world.run("resume")
    world.asked()
    status, output = world.run("resume")
    assert (status, world.asked()) == (0, [])
    assert "ran already and answers" in output


def test_a_trigger_that_was_switched_off_after_resuming_stays_off(world: PausedStack) -> None:
    world.run("pause")
    world.run("resume")
    world.trigger["runtimeState"] = "Stopped"
    assert world.json("resume")["trigger_started"] is False
    assert world.trigger["runtimeState"] == "Stopped"


@pytest.mark.parametrize(("option", "started"), [("--trigger", True), ("--no-trigger", False)])
def test_the_option_says_otherwise(world: PausedStack, option: str, started: bool) -> None:
    world.trigger["runtimeState"] = "Stopped" if started else "Started"
    world.run("pause")
    assert world.json("resume", option)["trigger_started"] is started
    assert ("start TR_Diario_FER" in world.asked()) is started


def test_a_private_server_is_not_connected_to(world: PausedStack) -> None:
    world.server.access = "Disabled"
    world.write(replace(world.target, postgres_port=free_port()))
    status, output = world.run("resume")
    assert status == 0 and "within its network only" in output
    assert world.json("resume")["answers"] is None


def test_a_server_that_refuses_connections_is_reported_after_some_attempts(world: PausedStack) -> None:
    world.write(replace(world.target, postgres_port=free_port()))
    waits: list[float] = []
    result = resume_stack("dev", world.outputs, sleep=waits.append)
    assert result.answers is False and len(waits) == LOGIN_ATTEMPTS - 1
    assert result.refusal in result.summary() and "does not accept your connection" in result.summary()


def test_a_server_that_needs_its_time_is_waited_for(world: PausedStack) -> None:
    name = f"{world.target.postgres_database}_late"
    world.write(replace(world.target, postgres_database=name))
    waits: list[float] = []
    with administering(target_url(world.target)) as cursor:

        def appear(seconds: float) -> None:
            waits.append(seconds)
            cursor.execute(f"CREATE DATABASE {name}")

        result = resume_stack("dev", world.outputs, sleep=appear)
        cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")
    assert result.answers is True and len(waits) == 1
