"""Faults of access, one at a time: subscription, providers, roles, address and Pulumi."""

from typing import Any

from tests.azure_fakes.azure import ROOT, SUBSCRIPTION
from tests.azure_fakes.resource_manager import error_response
from tests.jobs.student import DoctorCli, Fault, fault_decorator

CONTRIBUTOR: dict[str, Any] = {"actions": ["*"], "notActions": ["Microsoft.Authorization/*/Write"]}
FAULTS: list[Fault] = []
fault = fault_decorator(FAULTS)


@fault("subscription", "is Disabled: nothing can be created in it", "https://portal.azure.com/")
def _(student: DoctorCli) -> None:
    student.subscriptions.state = "Disabled"


@fault("subscription", f"ana@example.edu has no access to the subscription {SUBSCRIPTION}", "az account list")
def _(student: DoctorCli) -> None:
    student.manager.overrides[ROOT] = error_response(404, "SubscriptionNotFound")


@fault("subscription", "Azure does not know you", "az login")
def _(student: DoctorCli) -> None:
    student.az.set_output(
        "account get-access-token", status=1, err="ERROR: AADSTS700082: The refresh token has expired."
    )


@fault("providers", "not registered: Microsoft.KeyVault.", "python -m jobs doctor --target ana --register")
def _(student: DoctorCli) -> None:
    student.azure.providers["Microsoft.KeyVault"] = "NotRegistered"


@fault(
    "providers", "not registered: Microsoft.Search, Microsoft.Network", "python -m jobs doctor --target ana --register"
)
def _(student: DoctorCli) -> None:
    student.configure(private=True, search="basic", allowedIps=[])
    del student.azure.providers["Microsoft.Network"]
    student.azure.providers["Microsoft.Search"] = "Unregistered"


@fault(
    "address",
    "198.51.100.9 is not allowed by the database's firewall",
    'pulumi config set --path "allowedIps[1]" 198.51.100.9 --stack ana',
)
def _(student: DoctorCli) -> list[str]:
    return ["--my-ip", "198.51.100.9"]


@fault(
    "roles",
    "you lack User Access Administrator: ask an owner",
    'az role assignment create --assignee ana@example.edu --role "User Access Administrator" --scope ' + ROOT,
)
def _(student: DoctorCli) -> None:
    student.azure.permissions = [{"actions": ["*/read"], "notActions": []}, CONTRIBUTOR]


@fault("roles", "you lack Contributor", '--role "Contributor"')
def _(student: DoctorCli) -> None:
    student.make_resources()
    student.azure.permissions = [{"actions": ["Microsoft.Authorization/*"], "notActions": []}]


@fault("pulumi", "The Pulumi CLI is not installed", "https://www.pulumi.com/docs/install/")
def _(student: DoctorCli) -> None:
    (student.project / "programs" / "pulumi").unlink()


@fault("pulumi", "Pulumi is not logged in", "pulumi login --local")
def _(student: DoctorCli) -> None:
    student.pulumi.set_output(
        "whoami", status=255, err="error: PULUMI_ACCESS_TOKEN must be set for login during non-interactive"
    )


@fault("pulumi", "Pulumi v3.99.1, 3.260 or newer is needed", "https://www.pulumi.com/docs/install/")
def _(student: DoctorCli) -> None:
    student.pulumi.set_output("version", "v3.99.1\n")
