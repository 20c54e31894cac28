"""doctor reports each fault by one check, with the command that fixes it."""

from collections.abc import Callable

import pytest

from tests.azure_fakes.soft_deleted import delete_vault
from tests.jobs.doctor import faults_access, faults_resources
from tests.jobs.student import DoctorCli

FAULTS = faults_access.FAULTS + faults_resources.FAULTS


@pytest.mark.parametrize(
    ("name", "make_faulty", "message", "fix"), FAULTS, ids=[f"{each[0]}: {each[2][:40]}" for each in FAULTS]
)
def test_one_fault_is_one_problem_with_its_fix(
    student: DoctorCli, name: str, make_faulty: Callable[[DoctorCli], list[str] | None], message: str, fix: str
) -> None:
    arguments = make_faulty(student) or []
    status, checks = student.doctor(*arguments)
    assert status == 1
    assert {each for each, check in checks.items() if check["status"] == "problem"} == {name}
    assert message in checks[name]["message"]
    assert fix in checks[name]["fix"]
    assert not {each["status"] for each in checks.values()} & {"warning"}


def test_the_fix_has_its_own_line(student: DoctorCli) -> None:
    delete_vault(student.azure, "kv-fer-ana", "westeurope")
    status, output = student.run("doctor", "--target", "ana")
    lines = [line.strip() for line in output.splitlines()]
    assert status == 1
    assert "az keyvault purge --name kv-fer-ana --location westeurope" in lines
    assert lines[-1] == "1 problem to fix before `pulumi up --stack ana`."
