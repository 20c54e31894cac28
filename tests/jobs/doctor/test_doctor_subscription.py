"""doctor's login and subscription: the same as Pulumi's, with the Azure CLI and without."""

import json

import pytest

from tests.azure_fakes.cloud import Answer
from tests.azure_fakes.resource_manager import SUBSCRIPTION
from tests.jobs.student import DoctorCli


def test_without_the_subscription_nothing_else_is_checked(world: DoctorCli) -> None:
    world.subscriptions.state = "Disabled"
    _, checks = world.doctor()
    assert checks["azure"]["status"] == "skipped" and "postgres" in checks["azure"]["message"]
    assert len(world.cloud.asked) == 1


@pytest.mark.parametrize("where", ["stack", "ARM_SUBSCRIPTION_ID", "AZURE_SUBSCRIPTION_ID"])
def test_the_subscription_is_the_one_that_pulumi_uses(
    world: DoctorCli, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = "44444444-4444-4444-4444-444444444444"
    if where == "stack":
        with (world.project / "Pulumi.ana.yaml").open("a") as file:
            file.write(f"  azure-native:subscriptionId: {other}\n")
    else:
        monkeypatch.setenv(where, other)
    world.doctor()
    assert world.cloud.asked[0].path == f"/subscriptions/{other}"


def test_a_pipeline_logs_in_without_the_azure_cli(world: DoctorCli, monkeypatch: pytest.MonkeyPatch) -> None:
    (world.project / "programs" / "az").unlink()
    monkeypatch.delenv("AZURE_TOKEN_CREDENTIALS")
    for name, value in {"TENANT_ID": SUBSCRIPTION, "CLIENT_ID": SUBSCRIPTION, "CLIENT_SECRET": "a-marker"}.items():
        monkeypatch.setenv(f"AZURE_{name}", value)
        monkeypatch.setenv(f"ARM_{name}", value)
    monkeypatch.setenv("ARM_SUBSCRIPTION_ID", SUBSCRIPTION)
    world.cloud.services["login.microsoftonline.com"] = lambda request: Answer(
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
    status, seen = world.run("doctor", "--target", "ana", "--json")
    assert status == 0, seen
    assert {each["name"] for each in json.loads(seen)["checks"]} >= {"azure login", "names", "model chat"}
    assert "a-marker" not in seen


def test_a_pipeline_without_a_subscription_is_a_problem(world: DoctorCli, monkeypatch: pytest.MonkeyPatch) -> None:
    (world.project / "programs" / "az").unlink()
    monkeypatch.setenv("AZURE_CLIENT_ID", SUBSCRIPTION)
    status, checks = world.doctor()
    assert status == 1
    assert "ARM_SUBSCRIPTION_ID" in checks["subscription"]["message"]
    assert "ARM_CLIENT_ID" in checks["azure login"]["message"]
    assert not world.cloud.asked
