"""A change to make by hand is the one that the command makes: the document's bodies, and quoted for each shell."""

import json
import shlex
import subprocess
from typing import Any

import pytest

from jobs.models.account import ModelAccount as Account
from jobs.models.by_hand import by_hand
from jobs.models.change import Plan
from jobs.models.choice import Choice
from jobs.models.deployments import Deployment, new_deployment, with_model, writable
from tests.azure_fakes.cognitive_services import model, usage
from tests.azure_fakes.model_account import ModelAccount
from tests.azure_fakes.model_capacities import ModelCapacities
from tests.jobs.models.document_003 import (
    ACCOUNT,
    FIRST_ANSWER,
    FIRST_BODY,
    GROUP,
    SECOND_ANSWER,
    SECOND_BODY,
)
from tests.jobs.models.shop import OTHER, moment
from tests.jobs.student import DoctorCli

WHERE = ("--account", ACCOUNT, "--resource-group", GROUP)


@pytest.fixture
def documented(student: DoctorCli, played: ModelAccount) -> ModelAccount:
    """The account of the document, with its provisioned deployment before the migration."""
    played.name, played.group = ACCOUNT, GROUP
    student.ai.models = [
        model("gpt-35-turbo", "0613", skus=[("Standard", moment(500))]),
        model("gpt-4o", "2024-08-06", skus=[("GlobalProvisionedManaged", moment(500))]),
        model("gpt-4o-mini", "2024-07-18", skus=[("GlobalProvisionedManaged", moment(500))]),
    ]
    student.ai.usages = [usage("OpenAI.Standard.gpt35-turbo", 0, 240)]
    room = {("gpt-4o-mini", "2024-07-18"): [("swedencentral", "GlobalProvisionedManaged", 100.0)]}
    student.manager.providers = [ModelCapacities(room), *student.manager.providers]
    before = json.loads(json.dumps(SECOND_ANSWER))
    before["properties"]["model"] = {"format": "OpenAI", "name": "gpt-4o", "version": "2024-08-06"}
    del before["properties"]["versionUpgradeOption"]
    played.deployments["gpt-4o-ptu-deployment"] = before
    before["properties"]["provisioningState"] = "Succeeded"
    return played


def bodies(student: DoctorCli) -> list[Any]:
    return [each.body for each in student.cloud.requests if each.method == "PUT"]


def test_the_first_body_is_the_documents(student: DoctorCli, documented: ModelAccount, sleeps: list[float]) -> None:
    words = ("models", "deploy", "gpt-35-turbo", "gpt-35-turbo@0613", "--sku", "Standard", "--capacity", "120")
    status, seen = student.run(*words, "--policy", "OnceCurrentVersionExpired", *WHERE, "--yes")
    assert (status, bodies(student)) == (0, [FIRST_BODY]), seen


def test_the_second_body_is_the_documents_with_the_policy_that_its_answer_shows(
    student: DoctorCli, documented: ModelAccount, sleeps: list[float]
) -> None:
    words = ("models", "upgrade", "gpt-4o-ptu-deployment", "gpt-4o-mini@2024-07-18")
    status, seen = student.run(*words, *WHERE, "--yes")
    expected = json.loads(json.dumps(SECOND_BODY))
    expected["properties"]["versionUpgradeOption"] = SECOND_ANSWER["properties"]["versionUpgradeOption"]
    assert (status, bodies(student)) == (0, [expected]), seen


@pytest.mark.parametrize("answer", [FIRST_ANSWER, SECOND_ANSWER], ids=["first", "second"])
def test_the_documents_answers_parse(answer: dict[str, Any]) -> None:
    found = Deployment(answer)
    assert (found.capacity, found.policy) == (answer["sku"]["capacity"], "OnceCurrentVersionExpired")
    assert writable(answer).keys() == {"sku", "properties"}
    assert writable(answer)["properties"].keys() == {"model", "versionUpgradeOption"}


def plan(verb: str = "upgrade", **other: Any) -> Plan:
    """A change of a deployment in a group and with a filter that have every character that quoting is for."""
    account = Account("s", "rg (it)", "ai", "swedencentral", Choice("dev", "ai", "rg (it)"))
    document = {**FIRST_ANSWER, "name": 'it\'s 100%/"x"', "properties": dict(FIRST_ANSWER["properties"])}
    document["properties"]["raiPolicyName"] = "d'or $(id) `id`"
    before = Deployment(document)
    values: dict[str, Any] = {
        "account": account,
        "name": before.name,
        "before": before,
        "method": "PUT",
        "body": with_model(before, "gpt-35-turbo", "1106"),
        "changes": {"model": "gpt-35-turbo", "version": "1106"},
    }
    return Plan(verb=verb, **values | other)


def test_curl_sends_what_the_command_sends() -> None:
    one = plan()
    script = "curl() { printf '%s\\0' \"$@\"; }; az() { echo TOKEN; }; " + by_hand(one, "curl")
    words = subprocess.run(["/bin/sh", "-c", script], capture_output=True, text=True, check=True).stdout.split("\0")
    assert json.loads(words[words.index("-d") + 1]) == one.body
    assert words[1] == "PUT"
    assert words[2].endswith(
        "/resourceGroups/rg%20%28it%29/providers/Microsoft.CognitiveServices/accounts/ai"
        "/deployments/it%27s%20100%25%2F%22x%22?api-version=2025-09-01"
    )
    assert "Authorization: Bearer TOKEN" in words


def test_powershell_reads_sets_and_writes_with_doubled_quotes() -> None:
    lines = by_hand(plan(), "powershell").splitlines()
    where = "-ResourceGroupName 'rg (it)' -AccountName 'ai' -Name 'it''s 100%/\"x\"'"
    assert lines == [
        f"$deployment = Get-AzCognitiveServicesAccountDeployment {where}",
        "$deployment.Properties.Model.Name = 'gpt-35-turbo'",
        "$deployment.Properties.Model.Version = '1106'",
        "$deployment.Properties.VersionUpgradeOption = 'OnceCurrentVersionExpired'",
        f"New-AzCognitiveServicesAccountDeployment {where} -Properties $deployment.Properties -Sku $deployment.Sku",
    ]


def test_powershell_takes_typographic_marks_for_single_quotes_too() -> None:
    text = by_hand(plan(changes={"model": "a\u2019; rm x #", "version": "1"}), "powershell")
    assert "Model.Name = 'a\u2019\u2019; rm x #'" in text


def test_powershell_builds_a_new_deployment() -> None:
    wanted = {
        "format": "OpenAI",
        "model": "m",
        "version": "1",
        "sku": "Standard",
        "capacity": 1,
        "policy": "NoAutoUpgrade",
    }
    text = by_hand(plan("deploy", before=None, body=new_deployment({**wanted, "content_filter": "it's"})), "powershell")
    assert "@{Format = 'OpenAI'; Name = 'm'; Version = '1'}" in text
    assert "VersionUpgradeOption = 'NoAutoUpgrade'; RaiPolicyName = 'it''s'" in text
    assert "@{Name = 'Standard'; Capacity = 1}" in text


def test_the_cli_says_that_it_cannot_set_the_policy() -> None:
    note, command = by_hand(plan(), "az").splitlines()
    assert "cannot set the upgrade policy" in note
    words = shlex.split(command)
    assert words[words.index("--deployment-name") + 1] == 'it\'s 100%/"x"'
    assert words[words.index("--model-version") + 1] == "1106"
    assert by_hand(plan("policy", changes={"policy": "NoAutoUpgrade"}), "az").count("\n") == 0


@pytest.mark.parametrize("tool", ["rest", "curl", "powershell", "az"])
def test_no_tool_shows_a_token_or_changes_anything(student: DoctorCli, shop: ModelAccount, tool: str) -> None:
    status, seen = student.run("models", "scale", "pinned", "20", *OTHER, "--show", tool)
    assert status == 0 and seen
    assert "marker-token" not in seen
    _, as_object = student.run("models", "scale", "pinned", "20", *OTHER, "--show", tool, "--json")
    assert json.loads(as_object) == {"tool": tool, "text": seen.rstrip("\n")}
    assert {each.method for each in student.cloud.requests} == {"GET"}
