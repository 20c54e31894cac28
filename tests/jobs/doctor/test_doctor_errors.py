"""A refused or broken answer of Azure is a warning of doctor, and not fatal."""

import pytest

from tests.azure_fakes.cloud import Response
from tests.azure_fakes.resource_manager import error_response
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
def test_a_check_that_azure_refuses_is_a_warning(student: DoctorCli, name: str) -> None:
    student.manager.overrides[REFUSED[name]] = error_response(
        403, "AuthorizationFailed", "The client 'x' has no authorization."
    )
    status, checks = student.doctor()
    assert status == 0
    assert {each for each, check in checks.items() if check["status"] == "warning"} == {name}
    assert "the role Reader" in checks[name]["message"] and "AuthorizationFailed" in checks[name]["message"]


def test_a_broken_answer_is_a_warning(student: DoctorCli) -> None:
    student.manager.overrides["/policyAssignments"] = Response(200, b'{"value": [{"na')
    status, checks = student.doctor()
    assert (status, checks["regions"]["status"]) == (0, "warning")
