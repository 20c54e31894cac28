"""doctor's check of regions: only an assignment that applies to the stack limits them."""

from tests.azure_fakes.azure import ROOT
from tests.azure_fakes.subscriptions import region_policy
from tests.jobs.student import GROUP, DoctorCli


def test_an_assignment_that_does_not_apply_limits_nothing(student: DoctorCli) -> None:
    student.subscriptions.assignments = [
        region_policy("westus", scope=f"{ROOT}/resourceGroups/{GROUP}-other"),
        region_policy("westus", notScopes=[f"{ROOT}/resourceGroups/{GROUP.upper()}"]),
        region_policy("westus", enforcementMode="DoNotEnforce"),
        region_policy("westus", policyDefinitionId="/providers/x/e765b5de-1225-4ba3-bd56-1ac6695af988"),
    ]
    status, checks = student.doctor()
    assert status == 0
    assert checks["regions"]["message"] == "swedencentral; no policy limits them"
