"""The doctor on Azure: all well, and each thing ill alone, with what a person sees and the command that mends it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.azure.cloud import Answer, Cloud
from tests.azure.doctors import GROUP, World
from tests.azure.postgres_capabilities import RESTRICTED, capability
from tests.azure.programs import Program
from tests.azure.resource_manager import ROOT, SUBSCRIPTION, refusal
from tests.azure.subscriptions import region_policy

CONTRIBUTOR: dict[str, Any] = {"actions": ["*"], "notActions": ["Microsoft.Authorization/*/Write"]}


@pytest.fixture
def world(
    cloud: Cloud, az: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> World:
    monkeypatch.setattr("jobs.configuration.PROJECT", tmp_path)
    return World(cloud, az, tmp_path, capsys)


def test_all_well_is_one_screen_and_exit_0(world: World) -> None:
    status, seen = world.run("doctor", "--target", "ana")
    assert status == 0, seen
    assert "problem" not in seen and "warning" not in seen
    assert f"Ana's subscription ({SUBSCRIPTION}): Azure for Students, spending stops with the credit" in seen
    assert "Ready for `pulumi up --stack ana`." in seen
    assert len(seen.splitlines()) <= 24
    assert "marker-token" not in seen


def test_the_checks_of_the_json_object_are_those_of_the_screen(world: World) -> None:
    status, checks = world.doctor()
    assert status == 0
    assert list(checks) == [
        *["python", "packages", "pulumi", "azure login", "stack", "address"],
        *["subscription", "providers", "regions", "roles", "postgres", "names", "leftovers", "model chat"],
    ]
    assert all(set(each) == {"name", "status", "message", "fix"} for each in checks.values())


def test_every_page_is_read_of_every_list(world: World) -> None:
    world.subscriptions.assignments = [{"properties": {"scope": ROOT, "parameters": {}}}] * 3
    world.subscriptions.group = [("Microsoft.Network/virtualNetworks", f"net-{number}") for number in range(3)]
    world.names.deleted = [(f"kv-{number}", "swedencentral", False) for number in range(3)]
    world.ai.deleted = [(f"ai-{number}", "rg", "elsewhere") for number in range(3)]
    assert world.doctor()[0] == 0
    lists = ["/providers", "/policyAssignments", f"/{GROUP}/resources", "/deletedVaults", "/deletedAccounts"]
    for end in [*lists, "/models", "/usages"]:
        assert len(world.asked(end)) >= 2, end


def test_no_question_is_asked_twice(world: World) -> None:
    world.doctor()
    asked = [f"{each.method} {each.path} {each.query} {each.body}" for each in world.cloud.asked]
    assert sorted(set(asked)) == sorted(asked)


def test_a_deleted_account_without_a_group_is_told(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(world.ai, "gone", lambda name, group, location: {"name": name, "location": location})
    world.ai.deleted = [("ai-fer-ana", "", "norwayeast")]
    status, checks = world.doctor()
    assert status == 1
    assert "still holding its name: ai-fer-ana" in checks["leftovers"]["message"]
    assert "nameSuffix" in checks["leftovers"]["fix"]


# name of the check, how it falls ill, what is said, what mends it
ILLS: list[tuple[str, Callable[[World], object], str, str]] = []


def ill(name: str, said: str, mend: str) -> Callable[[Callable[[World], object]], None]:
    return lambda how: ILLS.append((name, how, said, mend))


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


@ill(
    "regions",
    "forbids swedencentral (location); it allows koreacentral, uaenorth",
    "pulumi config set location koreacentral --stack ana",
)
def _(world: World) -> None:
    elsewhere = {**region_policy("westus"), "properties": {"scope": f"{ROOT}/resourceGroups/another"}}
    world.subscriptions.assignments = [elsewhere, {}, region_policy("UAE North", "koreacentral")]


@ill(
    "regions",
    "forbids norwayeast (aiLocation); it allows koreacentral, swedencentral.",
    "pulumi config set aiLocation swedencentral --stack ana",
)
def _(world: World) -> None:
    above = "/providers/Microsoft.Management/managementGroups/university"
    world.configure(aiLocation="norwayeast")
    world.subscriptions.assignments = [
        region_policy("norwayeast", "swedencentral", "koreacentral"),
        region_policy("swedencentral", "koreacentral", "uaenorth", scope=above),
    ]


@ill(
    "postgres",
    "no server in swedencentral: Provisioning is restricted in this region.",
    "pulumi config set databaseLocation northeurope --stack ana",
)
def _(world: World) -> None:
    world.postgres.regions["swedencentral"] = RESTRICTED


@ill("postgres", "no server in swedencentral", "pulumi config set databaseLocation uaenorth --stack ana")
def _(world: World) -> None:
    world.subscriptions.assignments = [region_policy("swedencentral", "koreacentral", "uaenorth")]
    world.postgres.regions |= {"swedencentral": RESTRICTED, "koreacentral": capability(versions="15")}


@ill("postgres", "the subscription's offer is restricted there.", "databaseLocation northeurope")
def _(world: World) -> None:
    refused = {"supportedFeatures": [{"name": "OfferRestricted", "status": "Enabled"}]}
    world.postgres.regions["swedencentral"] = capability() | refused


@ill("postgres", "no version is offered", "pulumi config set databaseLocation northeurope --stack ana")
def _(world: World) -> None:
    world.postgres.regions["swedencentral"] = capability(versions="")


@ill(
    "postgres",
    "no PostgreSQL 18 in swedencentral, only 15, 16, 17",
    "pulumi config set postgresVersion 17 --stack ana",
)
def _(world: World) -> None:
    world.postgres.regions["swedencentral"] = capability(versions="15 16 17")


@ill("postgres", "no Standard_B1ms in swedencentral", "pulumi config set postgresSku Standard_B2s --stack ana")
def _(world: World) -> None:
    world.postgres.regions["swedencentral"] = capability(burstable="Standard_B4ms Standard_B2ms Standard_B2s")


@ill("names", "not to be had: stferlakehouseana (AlreadyExists)", "pulumi config set nameSuffix ")
def _(world: World) -> None:
    world.names.taken = {"stferlakehouseana"}


@ill("names", "psql-fer-ana (AlreadyExists); kv-fer-ana (AlreadyExists); ai-fer-ana (AlreadyExists)", "nameSuffix")
def _(world: World) -> None:
    world.names.taken = {"psql-fer-ana", "kv-fer-ana", "ai-fer-ana", "srch-fer-ana"}


@ill("names", "srch-fer-ana (AlreadyExists)", "pulumi config set nameSuffix ")
def _(world: World) -> None:
    world.configure(search="free")
    world.names.taken = {"srch-fer-ana"}


@ill(
    "leftovers",
    "deleted, and still holding its name: kv-fer-ana.",
    "az keyvault purge --name kv-fer-ana --location westeurope",
)
def _(world: World) -> None:
    world.names.deleted = [("kv-other", "x", False), ("kv-another", "x", False), ("kv-fer-ana", "westeurope", False)]
    world.names.taken = {"kv-fer-ana"}


@ill("leftovers", "still holding its name: kv-fer-ana", "pulumi config set nameSuffix ")
def _(world: World) -> None:
    world.names.deleted = [("kv-fer-ana", "westeurope", True)]


@ill(
    "leftovers",
    "still holding its name: ai-fer-ana",
    "az cognitiveservices account purge --name ai-fer-ana --resource-group rg-old --location norwayeast",
)
def _(world: World) -> None:
    world.ai.deleted = [("ai-fer-ana", "rg-old", "norwayeast")]


@ill("search", "one free service is taken by srch-old.", "pulumi config set search none --stack ana")
def _(world: World) -> None:
    world.configure(search="free")
    world.names.searches = [("srch-fer-ana", "free"), ("srch-big", "basic"), ("srch-old", "free")]


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


@pytest.mark.parametrize(("name", "how", "said", "mend"), ILLS, ids=[f"{one[0]}: {one[2][:40]}" for one in ILLS])
def test_what_is_ill_alone_is_told_alone(
    world: World, name: str, how: Callable[[World], list[str] | None], said: str, mend: str
) -> None:
    arguments = how(world) or []
    status, checks = world.doctor(*arguments)
    assert status == 1
    assert {each for each, check in checks.items() if check["status"] == "problem"} == {name}
    assert said in checks[name]["message"]
    assert mend in checks[name]["fix"]
    assert not {each["status"] for each in checks.values()} & {"warning"}


def test_the_command_that_mends_stands_alone_on_its_line(world: World) -> None:
    world.names.deleted = [("kv-fer-ana", "westeurope", False)]
    status, seen = world.run("doctor", "--target", "ana")
    lines = [line.strip() for line in seen.splitlines()]
    assert status == 1
    assert "az keyvault purge --name kv-fer-ana --location westeurope" in lines
    assert lines[-1] == "1 problem to mend before `pulumi up --stack ana`."


def test_without_the_subscription_nothing_else_is_asked(world: World) -> None:
    world.subscriptions.state = "Disabled"
    _, checks = world.doctor()
    assert checks["azure"]["status"] == "skipped" and "postgres" in checks["azure"]["message"]
    assert len(world.cloud.asked) == 1


def test_what_waits_for_a_provider_is_told_in_one_line(world: World) -> None:
    world.subscriptions.providers |= dict.fromkeys(("Microsoft.DBforPostgreSQL", "Microsoft.KeyVault"), "NotRegistered")
    _, checks = world.doctor()
    assert "postgres" not in checks
    assert checks["later"]["message"].endswith("registered: postgres, kv-fer-ana, psql-fer-ana")
    assert "psql" not in checks["names"]["message"]
    addresses = [each.path.lower() for each in world.cloud.asked]
    assert not [each for each in addresses if "dbforpostgresql" in each or "keyvault" in each]


def test_a_provider_that_no_check_needs_makes_none_wait(world: World) -> None:
    world.subscriptions.providers["Microsoft.DataFactory"] = "NotRegistered"
    _, checks = world.doctor()
    assert checks["providers"]["status"] == "problem" and "later" not in checks


def test_register_registers_what_is_missing_and_waits(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobs.doctor.providers.POLL_SECONDS", 0.0)
    world.subscriptions.providers["Microsoft.KeyVault"] = "NotRegistered"
    del world.subscriptions.providers["Microsoft.Compute"]  # not ours: nobody asks for it
    status, checks = world.doctor("--register")
    assert status == 0, checks
    posts = [each.path for each in world.cloud.asked if each.path.endswith("/register")]
    assert posts == [f"{ROOT}/providers/Microsoft.KeyVault/register"]
    assert len(world.asked("/providers/Microsoft.KeyVault")) == 2
    assert checks["providers"]["status"] == "ok"


def test_a_provider_that_may_not_be_registered_is_told(world: World) -> None:
    world.subscriptions.providers["Microsoft.KeyVault"] = "NotRegistered"
    world.manager.instead["/register"] = refusal(403, "AuthorizationFailed")
    main_status, seen = world.run("doctor", "--target", "ana", "--register")
    assert main_status == 1
    assert "AuthorizationFailed" in seen and "not registered: Microsoft.KeyVault" in seen


def test_what_stands_already_is_this_stacks_own(world: World) -> None:
    world.names.taken = {"stferlakehouseana", "psql-fer-ana", "kv-fer-ana", "ai-fer-ana"}
    world.postgres.regions["swedencentral"] = RESTRICTED
    world.subscriptions.group = [
        ("Microsoft.Storage/storageAccounts", "stferlakehouseana"),
        ("Microsoft.DBforPostgreSQL/flexibleServers", "psql-fer-ana"),
        ("Microsoft.KeyVault/vaults", "KV-fer-ana"),
        ("Microsoft.CognitiveServices/accounts", "ai-fer-ana"),
    ]
    status, checks = world.doctor()
    assert status == 0, checks
    assert checks["names"]["message"] == "1 free, 4 this stack's own already; Data Factory's cannot be asked for"
    assert checks["postgres"]["message"] == "psql-fer-ana stands already"


def test_an_assignment_that_does_not_hold_here_limits_nothing(world: World) -> None:
    world.subscriptions.assignments = [
        region_policy("westus", scope=f"{ROOT}/resourceGroups/{GROUP}-other"),
        region_policy("westus", notScopes=[f"{ROOT}/resourceGroups/{GROUP.upper()}"]),
        region_policy("westus", enforcementMode="DoNotEnforce"),
        region_policy("westus", policyDefinitionId="/providers/x/e765b5de-1225-4ba3-bd56-1ac6695af988"),
    ]
    status, checks = world.doctor()
    assert status == 0
    assert checks["regions"]["message"] == "swedencentral; no policy limits them"


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
def test_a_check_that_azure_refuses_is_told_and_not_fatal(world: World, name: str) -> None:
    world.manager.instead[REFUSED[name]] = refusal(403, "AuthorizationFailed", "The client 'x' has no authorization.")
    status, checks = world.doctor()
    assert status == 0
    assert {each for each, check in checks.items() if check["status"] == "warning"} == {name}
    assert "the role Reader" in checks[name]["message"] and "AuthorizationFailed" in checks[name]["message"]


def test_a_broken_answer_is_told_and_not_fatal(world: World) -> None:
    world.manager.instead["/policyAssignments"] = Answer(200, b'{"value": [{"na')
    status, checks = world.doctor()
    assert (status, checks["regions"]["status"]) == (0, "warning")


def test_the_warnings_do_not_stop_anybody(world: World) -> None:
    world.configure(allowedIps=[], entraOnly=True)
    world.subscriptions.state = "PastDue"
    world.ai.deleted = [("ai-of-last-week", "rg-old", "swedencentral")]
    status, checks = world.doctor()
    assert status == 0
    fixes = {each["name"]: each["fix"] for each in checks.values() if each["status"] == "warning"}
    assert fixes.keys() == {"subscription", "leftovers", "address", "entraOnly"}
    purge = "az cognitiveservices account purge --name ai-of-last-week --resource-group rg-old --location swedencentral"
    assert fixes["leftovers"] == purge
    assert fixes["address"] == 'pulumi config set --path "allowedIps[0]" YOUR_ADDRESS --stack ana'
    assert "userPrincipalName" in fixes["entraOnly"]


def test_the_modes_are_told_of(world: World) -> None:
    world.configure(private=True, entraOnly=True, entraAdminName="ana@example.edu", allowedIps=[])
    status, checks = world.doctor("--my-ip", "198.51.100.9")
    assert status == 0
    assert "let in Data Factory's private endpoints" in checks["private"]["message"]
    assert "as ana@example.edu" in checks["entraOnly"]["message"]
    assert "no public address" in checks["address"]["message"]


@pytest.mark.parametrize("where", ["stack", "ARM_SUBSCRIPTION_ID", "AZURE_SUBSCRIPTION_ID"])
def test_the_subscription_is_the_one_that_pulumi_would_take(
    world: World, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = "44444444-4444-4444-4444-444444444444"
    if where == "stack":
        with (world.project / "Pulumi.ana.yaml").open("a") as file:
            file.write(f"  azure-native:subscriptionId: {other}\n")
    else:
        monkeypatch.setenv(where, other)
    world.doctor()
    assert world.cloud.asked[0].path == f"/subscriptions/{other}"


def test_a_pipeline_logs_in_without_the_azure_cli(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
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


def test_a_pipeline_that_names_no_subscription_is_told(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    (world.project / "programs" / "az").unlink()
    monkeypatch.setenv("AZURE_CLIENT_ID", SUBSCRIPTION)
    status, checks = world.doctor()
    assert status == 1
    assert "ARM_SUBSCRIPTION_ID" in checks["subscription"]["message"]
    assert "ARM_CLIENT_ID" in checks["azure login"]["message"]
    assert not world.cloud.asked
