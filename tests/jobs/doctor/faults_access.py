"""What keeps a person from Azure, ill alone: subscription, providers, roles, address and Pulumi."""

from typing import Any

from tests.azure_fakes.resource_manager import ROOT, SUBSCRIPTION, refusal
from tests.jobs.doctor.doctor_cli import Ill, World, into

CONTRIBUTOR: dict[str, Any] = {"actions": ["*"], "notActions": ["Microsoft.Authorization/*/Write"]}
ILLS: list[Ill] = []
ill = into(ILLS)


@ill("subscription", "is Disabled: nothing can be made in it", "https://portal.azure.com/")
def _(world: World) -> None:
    world.subscriptions.state = "Disabled"


@ill("subscription", f"ana@example.edu does not see the subscription {SUBSCRIPTION}", "az account list")
def _(world: World) -> None:
    world.manager.instead[ROOT] = refusal(404, "SubscriptionNotFound")


@ill("subscription", "Azure does not know you", "az login")
def _(world: World) -> None:
    world.az.says("account get-access-token", status=1, err="ERROR: AADSTS700082: The refresh token has expired.")


@ill("providers", "not registered: Microsoft.KeyVault.", "python -m jobs doctor --target ana --register")
def _(world: World) -> None:
    world.subscriptions.providers["Microsoft.KeyVault"] = "NotRegistered"


@ill(
    "providers", "not registered: Microsoft.Search, Microsoft.Network", "python -m jobs doctor --target ana --register"
)
def _(world: World) -> None:
    world.configure(private=True, search="basic", allowedIps=[])
    del world.subscriptions.providers["Microsoft.Network"]
    world.subscriptions.providers["Microsoft.Search"] = "Unregistered"


@ill("address", "198.51.100.9 is not let in", 'pulumi config set --path "allowedIps[1]" 198.51.100.9 --stack ana')
def _(world: World) -> list[str]:
    return ["--my-ip", "198.51.100.9"]


@ill(
    "roles",
    "you lack User Access Administrator: ask an owner",
    'az role assignment create --assignee ana@example.edu --role "User Access Administrator" --scope ' + ROOT,
)
def _(world: World) -> None:
    world.subscriptions.permissions = [{"actions": ["*/read"], "notActions": []}, CONTRIBUTOR]


@ill("roles", "you lack Contributor", '--role "Contributor"')
def _(world: World) -> None:
    world.subscriptions.group = []
    world.subscriptions.permissions = [{"actions": ["Microsoft.Authorization/*"], "notActions": []}]


@ill("pulumi", "The Pulumi CLI is not installed", "https://www.pulumi.com/docs/install/")
def _(world: World) -> None:
    (world.project / "programs" / "pulumi").unlink()


@ill("pulumi", "Pulumi is not logged in", "pulumi login --local")
def _(world: World) -> None:
    world.pulumi.says(
        "whoami", status=255, err="error: PULUMI_ACCESS_TOKEN must be set for login during non-interactive"
    )


@ill("pulumi", "Pulumi v3.99.1, 3.244 or newer is needed", "https://www.pulumi.com/docs/install/")
def _(world: World) -> None:
    world.pulumi.says("version", "v3.99.1\n")
