"""doctor on Azure: its requests and its report where every check is ok, and where some are warnings."""

from tests.azure_fakes.azure import ROOT, SUBSCRIPTION
from tests.azure_fakes.soft_deleted import delete_account, delete_vault
from tests.jobs.student import GROUP, DoctorCli


def test_without_problems_the_report_is_one_screen_and_exit_0(student: DoctorCli) -> None:
    status, output = student.run("doctor", "--target", "ana")
    assert status == 0, output
    assert "problem" not in output and "warning" not in output
    assert f"Ana's subscription ({SUBSCRIPTION}): Azure for Students, spending stops with the credit" in output
    assert "Ready for `pulumi up --stack ana`." in output
    assert len(output.splitlines()) <= 24
    assert "marker-token" not in output


def test_the_checks_of_the_json_object_are_those_of_the_screen(student: DoctorCli) -> None:
    status, checks = student.doctor()
    assert status == 0
    assert list(checks) == [
        *["python", "packages", "pulumi", "azure login", "stack", "address"],
        *["subscription", "providers", "regions", "roles", "postgres", "names", "leftovers", "model chat"],
    ]
    assert all(set(each) == {"name", "status", "message", "fix"} for each in checks.values())


def test_every_page_of_every_list_is_read(student: DoctorCli) -> None:
    student.subscriptions.assignments = [{"properties": {"scope": ROOT, "parameters": {}}}] * 3
    student.make_resources(*(("Microsoft.Network/virtualNetworks", f"net-{number}") for number in range(3)))
    for number in range(3):
        delete_vault(student.azure, f"kv-{number}", "swedencentral")
        delete_account(student.azure, f"ai-{number}", "rg", "elsewhere")
    assert student.doctor()[0] == 0
    lists = ["/providers", "/policyAssignments", f"/{GROUP}/resources", "/deletedVaults", "/deletedAccounts"]
    for end in [*lists, "/models", "/usages"]:
        assert len(student.asked(end)) >= 2, end


def test_no_request_is_sent_twice(student: DoctorCli) -> None:
    student.doctor()
    asked = [f"{each.method} {each.path} {each.query} {each.body}" for each in student.cloud.requests]
    assert sorted(set(asked)) == sorted(asked)


def test_warnings_do_not_fail_the_command(student: DoctorCli) -> None:
    student.configure(allowedIps=[], entraOnly=True)
    student.subscriptions.state = "PastDue"
    delete_account(student.azure, "ai-of-last-week", "rg-old", "swedencentral")
    status, checks = student.doctor()
    assert status == 0
    fixes = {each["name"]: each["fix"] for each in checks.values() if each["status"] == "warning"}
    assert fixes.keys() == {"subscription", "leftovers", "address", "entraOnly"}
    purge = "az cognitiveservices account purge --name ai-of-last-week --resource-group rg-old --location swedencentral"
    assert fixes["leftovers"] == purge
    assert fixes["address"] == 'pulumi config set --path "allowedIps[0]" YOUR_ADDRESS --stack ana'
    assert "userPrincipalName" in fixes["entraOnly"]
