"""doctor's login and subscription: the same as Pulumi's, with the Azure CLI and without."""

import json

import pytest

from tests.azure_fakes.azure import SUBSCRIPTION
from tests.azure_fakes.cloud import Response
from tests.jobs.student import DoctorCli


def test_without_the_subscription_nothing_else_is_checked(student: DoctorCli) -> None:
    student.subscriptions.state = "Disabled"
    _, checks = student.doctor()
    assert checks["azure"]["status"] == "skipped" and "postgres" in checks["azure"]["message"]
    assert len(student.cloud.requests) == 1


@pytest.mark.parametrize("where", ["stack", "ARM_SUBSCRIPTION_ID", "AZURE_SUBSCRIPTION_ID"])
def test_the_subscription_is_the_one_that_pulumi_uses(
    student: DoctorCli, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = "44444444-4444-4444-4444-444444444444"
    if where == "stack":
        with (student.project / "Pulumi.ana.yaml").open("a") as file:
            file.write(f"  azure-native:subscriptionId: {other}\n")
    else:
        monkeypatch.setenv(where, other)
    student.doctor()
    assert student.cloud.requests[0].path == f"/subscriptions/{other}"


def test_a_pipeline_logs_in_without_the_azure_cli(student: DoctorCli, monkeypatch: pytest.MonkeyPatch) -> None:
    (student.project / "programs" / "az").unlink()
    monkeypatch.delenv("AZURE_TOKEN_CREDENTIALS")
    for name, value in {"TENANT_ID": SUBSCRIPTION, "CLIENT_ID": SUBSCRIPTION, "CLIENT_SECRET": "a-marker"}.items():
        monkeypatch.setenv(f"AZURE_{name}", value)
        monkeypatch.setenv(f"ARM_{name}", value)
    monkeypatch.setenv("ARM_SUBSCRIPTION_ID", SUBSCRIPTION)
    student.cloud.services["login.microsoftonline.com"] = lambda request: Response(
        200,
        {
            "authorization_endpoint": "https://login.microsoftonline.com/t/oauth2/v2.0/authorize",
            "token_endpoint": "https://login.microsoftonline.com/t/oauth2/v2.0/token",
            "issuer": "https://login.microsoftonline.com/t/v2.0",
            "access_token": "t",
            "token_type": "Bearer",
            "expires_in": 3600,
        },
    )
    status, seen = student.run("doctor", "--target", "ana", "--json")
    assert status == 0, seen
    assert {each["name"] for each in json.loads(seen)["checks"]} >= {"azure login", "names", "model chat"}
    assert "a-marker" not in seen


def test_a_pipeline_without_a_subscription_is_a_problem(student: DoctorCli, monkeypatch: pytest.MonkeyPatch) -> None:
    (student.project / "programs" / "az").unlink()
    monkeypatch.setenv("AZURE_CLIENT_ID", SUBSCRIPTION)
    status, checks = student.doctor()
    assert status == 1
    assert "ARM_SUBSCRIPTION_ID" in checks["subscription"]["message"]
    assert "ARM_CLIENT_ID" in checks["azure login"]["message"]
    assert not student.cloud.requests
