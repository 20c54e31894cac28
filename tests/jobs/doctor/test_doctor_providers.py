"""doctor's check of providers: those that the program needs, what waits for them, and their registration."""

import pytest

from jobs import configuration
from jobs.doctor import providers
from tests.azure_fakes.azure import ROOT
from tests.azure_fakes.resource_manager import error_response
from tests.infra.configuration import OFFERED
from tests.infra.modes import MODES
from tests.infra.recorder import run_program
from tests.jobs.student import DoctorCli


def test_checks_that_wait_for_a_provider_are_one_line(student: DoctorCli) -> None:
    student.azure.providers |= dict.fromkeys(("Microsoft.DBforPostgreSQL", "Microsoft.KeyVault"), "NotRegistered")
    _, checks = student.doctor()
    assert "postgres" not in checks
    assert checks["later"]["message"].endswith("registered: postgres, kv-fer-ana, psql-fer-ana")
    assert "psql" not in checks["names"]["message"]
    addresses = [each.path.lower() for each in student.cloud.requests]
    assert not [each for each in addresses if "dbforpostgresql" in each or "keyvault" in each]


def test_a_provider_that_no_check_needs_makes_none_wait(student: DoctorCli) -> None:
    student.azure.providers["Microsoft.DataFactory"] = "NotRegistered"
    _, checks = student.doctor()
    assert checks["providers"]["status"] == "problem" and "later" not in checks


def test_register_registers_what_is_missing_and_waits(student: DoctorCli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobs.doctor.providers.POLL_SECONDS", 0.0)
    student.azure.providers["Microsoft.KeyVault"] = "NotRegistered"
    del student.azure.providers["Microsoft.Compute"]  # not one that the stack needs
    status, checks = student.doctor("--register")
    assert status == 0, checks
    posts = [each.path for each in student.cloud.requests if each.path.endswith("/register")]
    assert posts == [f"{ROOT}/providers/Microsoft.KeyVault/register"]
    assert len(student.asked("/providers/Microsoft.KeyVault")) == 2
    assert checks["providers"]["status"] == "ok"


def test_a_refused_registration_is_reported(student: DoctorCli) -> None:
    student.azure.providers["Microsoft.KeyVault"] = "NotRegistered"
    student.manager.overrides["/register"] = error_response(403, "AuthorizationFailed")
    status, output = student.run("doctor", "--target", "ana", "--register")
    assert status == 1
    assert "AuthorizationFailed" in output and "not registered: Microsoft.KeyVault" in output


NAMESPACES = {
    "applicationinsights": "Microsoft.Insights",
    "cognitiveservices": "Microsoft.CognitiveServices",
    "containerregistry": "Microsoft.ContainerRegistry",
    "consumption": "Microsoft.Consumption",
    "datafactory": "Microsoft.DataFactory",
    "dbforpostgresql": "Microsoft.DBforPostgreSQL",
    "keyvault": "Microsoft.KeyVault",
    "machinelearningservices": "Microsoft.MachineLearningServices",
    "managedidentity": "Microsoft.ManagedIdentity",
    "monitor": "Microsoft.Insights",
    "network": "Microsoft.Network",
    "operationalinsights": "Microsoft.OperationalInsights",
    "privatedns": "Microsoft.Network",
    "search": "Microsoft.Search",
    "storage": "Microsoft.Storage",
}
ALWAYS_REGISTERED = {"authorization", "resources"}


@pytest.mark.parametrize("mode", MODES)
def test_the_providers_are_those_of_the_program(mode: str) -> None:
    tokens = [each.token.split(":") for each in run_program(MODES[mode]).registered]
    modules = {token[1] for token in tokens if token[0] == "azure-native"} - ALWAYS_REGISTERED
    values = {key: each["default"] for key, each in OFFERED.items()} | MODES[mode]
    chosen = configuration.build_configuration("test", True, values)
    assert set(providers.required_providers(chosen)) == {NAMESPACES[module] for module in modules}
