"""resume: server and trigger start again, and the database answers or it is told why not."""

from dataclasses import replace
from pathlib import Path

import pytest

from jobs.local.ports import free_port
from jobs.pause.run import ANSWER_LOOKS, resume_stack
from jobs.postgres.connection import target_url
from jobs.target import Target
from tests.azure_fakes.cloud import Cloud
from tests.conftest import administering
from tests.jobs.pause.paused_stack import World, name, ready


@pytest.fixture
def world(
    cloud: Cloud, target: Target, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> World:
    monkeypatch.setenv("JOBS_LOCAL", str(tmp_path / "local"))
    return ready(target, cloud, tmp_path, capsys)


def test_resume_starts_the_server_then_the_trigger_and_knocks(world: World) -> None:
    world.run("pause")
    world.asked()
    status, told = world.run("resume")
    assert status == 0
    assert world.asked() == [f"start {name(world)}", "start TR_Diario_FER"]
    assert "runs and answers" in told and "trigger is on again" in told


def test_resuming_twice_says_so(world: World) -> None:
    world.run("pause")
    world.run("resume")
    world.asked()
    status, told = world.run("resume")
    assert (status, world.asked()) == (0, [])
    assert "ran already and answers" in told


def test_a_trigger_that_was_switched_off_after_resuming_stays_off(world: World) -> None:
    world.run("pause")
    world.run("resume")
    world.trigger["runtimeState"] = "Stopped"
    assert world.json("resume")["trigger_started"] is False
    assert world.trigger["runtimeState"] == "Stopped"


@pytest.mark.parametrize(("option", "started"), [("--trigger", True), ("--no-trigger", False)])
def test_the_option_says_otherwise(world: World, option: str, started: bool) -> None:
    world.trigger["runtimeState"] = "Stopped" if started else "Started"
    world.run("pause")
    assert world.json("resume", option)["trigger_started"] is started
    assert ("start TR_Diario_FER" in world.asked()) is started


def test_a_private_server_is_not_knocked_at(world: World) -> None:
    world.server.access = "Disabled"
    world.write(replace(world.target, postgres_port=free_port()))
    status, told = world.run("resume")
    assert status == 0 and "within its network only" in told
    assert world.json("resume")["answers"] is None


def test_a_server_that_lets_nobody_in_is_told_after_some_patience(world: World) -> None:
    world.write(replace(world.target, postgres_port=free_port()))
    waits: list[float] = []
    found = resume_stack("dev", world.outputs, wait=waits.append)
    assert found.answers is False and len(waits) == ANSWER_LOOKS - 1
    assert found.refusal in found.summary() and "but not for you" in found.summary()


def test_a_server_that_needs_its_time_is_waited_for(world: World) -> None:
    name = f"{world.target.postgres_database}_late"
    world.write(replace(world.target, postgres_database=name))
    waits: list[float] = []
    with administering(target_url(world.target)) as cursor:

        def appear(seconds: float) -> None:
            waits.append(seconds)
            cursor.execute(f"CREATE DATABASE {name}")

        found = resume_stack("dev", world.outputs, wait=appear)
        cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")
    assert found.answers is True and len(waits) == 1
