"""The doctor on Azure: what it asks and what a person sees where all is well, and where warnings are all there is."""

from tests.azure_fakes.resource_manager import ROOT, SUBSCRIPTION
from tests.jobs.doctor.doctor_cli import GROUP, World
from tests.jobs.doctor.doctor_cli import world as world


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
