"""The quota of the stack's models: shared, used already by a deployment, or unknown."""

from tests.azure_fakes.cognitive_services import deployment, usage
from tests.jobs.models.preflight_cases import MINI, entry, preflight
from tests.jobs.student import DoctorCli


def test_models_that_share_a_quota_have_to_fit_together(student: DoctorCli) -> None:
    student.configure(models=[entry(capacity=6), entry(alias="second", capacity=5)])
    status, verdicts, _ = preflight(student)
    assert (status, [each["status"] for each in verdicts]) == (3, ["ok", "problem"])
    assert "5 needed, 10 of 10 free, 6 of it for other models" in verdicts[1]["message"]


def test_the_quota_of_an_existing_deployment_is_not_needed_again(student: DoctorCli) -> None:
    student.configure(models=[entry(capacity=10)])
    student.ai.usages[0] = usage(MINI, 9, 10)
    assert preflight(student)[0] == 3
    student.ai.usages[0] = usage(MINI, 0, 10)  # the rest is that of the deployment
    student.make_deployments(
        deployment("other", "gpt-5.1", "1", 3), deployment("CHAT", "gpt-5.4-mini", "2026-03-17", 9)
    )
    assert preflight(student)[0] == 0
    student.make_deployments(deployment("chat", "gpt-5.4-mini", "2025-01-01", 10))  # its version changes in place
    assert preflight(student)[0] == 0
    student.ai.usages[0] = usage(MINI, 9, 10)
    student.make_deployments(deployment("chat", "gpt-5.1", "1", 9))
    assert preflight(student)[0] == 3


def test_a_quota_that_the_region_does_not_have_is_a_warning(student: DoctorCli) -> None:
    student.ai.usages = student.ai.usages[1:]
    status, (verdict,), _ = preflight(student)
    assert (status, verdict["status"], verdict["limit"]) == (0, "warning", None)
    assert MINI in verdict["message"]
