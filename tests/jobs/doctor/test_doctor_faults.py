"""The doctor tells each thing that is ill alone, and the command that mends it."""

from collections.abc import Callable

import pytest

from tests.jobs.doctor import faults_access as ill_access
from tests.jobs.doctor import faults_resources as ill_resources
from tests.jobs.doctor.doctor_cli import World
from tests.jobs.doctor.doctor_cli import world as world

ILLS = ill_access.ILLS + ill_resources.ILLS


@pytest.mark.parametrize(("name", "how", "said", "mend"), ILLS, ids=[f"{one[0]}: {one[2][:40]}" for one in ILLS])
def test_what_is_ill_alone_is_told_alone(
    world: World, name: str, how: Callable[[World], list[str] | None], said: str, mend: str
) -> None:
    arguments = how(world) or []
    status, checks = world.doctor(*arguments)
    assert status == 1
    assert {each for each, check in checks.items() if check["status"] == "problem"} == {name}
    assert said in checks[name]["message"]
    assert mend in checks[name]["fix"]
    assert not {each["status"] for each in checks.values()} & {"warning"}


def test_the_command_that_mends_stands_alone_on_its_line(world: World) -> None:
    world.names.deleted = [("kv-fer-ana", "westeurope", False)]
    status, seen = world.run("doctor", "--target", "ana")
    lines = [line.strip() for line in seen.splitlines()]
    assert status == 1
    assert "az keyvault purge --name kv-fer-ana --location westeurope" in lines
    assert lines[-1] == "1 problem to mend before `pulumi up --stack ana`."
