"""A refused or broken answer of Azure is a warning of doctor, and not fatal."""

import pytest

from tests.azure_fakes.cloud import Answer
from tests.azure_fakes.resource_manager import refusal
from tests.jobs.student import GROUP, DoctorCli

REFUSED = {
    "providers": "/providers",
    "regions": "/policyAssignments",
    "group": f"/{GROUP}/resources",
    "roles": "/permissions",
    "postgres": "/capabilities",
    "names": "/Microsoft.Storage/checkNameAvailability",
    "leftovers": "/deletedVaults",
    "models": "/usages",
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_check_that_azure_refuses_is_a_warning(world: DoctorCli, name: str) -> None:
    world.manager.instead[REFUSED[name]] = refusal(403, "AuthorizationFailed", "The client 'x' has no authorization.")
    status, checks = world.doctor()
    assert status == 0
    assert {each for each, check in checks.items() if check["status"] == "warning"} == {name}
    assert "the role Reader" in checks[name]["message"] and "AuthorizationFailed" in checks[name]["message"]


def test_a_broken_answer_is_a_warning(world: DoctorCli) -> None:
    world.manager.instead["/policyAssignments"] = Answer(200, b'{"value": [{"na')
    status, checks = world.doctor()
    assert (status, checks["regions"]["status"]) == (0, "warning")
