"""Foundry: account, project, models and connection are created one after the other, without keys."""

import itertools
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.infra.recorder import Program, Registered, run_program

CHAT = {"alias": "chat", "model": "gpt-5.4-mini", "version": "2026-03-17", "sku": "GlobalStandard", "capacity": 1}
EMBED = {"alias": "embed", "model": "text-embedding-3-small", "version": "1", "sku": "Standard", "capacity": 5}
MOVING = {
    **EMBED,
    "alias": "moving",
    "upgradePolicy": "OnceCurrentVersionExpired",
    "contentFilter": "Microsoft.Default",
}


PTU = {**CHAT, "alias": "ptu", "sku": "GlobalProvisionedManaged", "capacity": 15}
BATCH = {**CHAT, "alias": "batch", "sku": "GlobalBatch"}
NEXT_YEAR = f"{datetime.now(UTC).year + 1}-01-01"


@pytest.fixture(scope="module")
def program() -> Program:
    return run_program({"models": [CHAT, EMBED, MOVING, PTU, BATCH], "aiLocation": "koreacentral", "nameSuffix": "x1"})


def deployments(program: Program) -> list[Registered]:
    return [each for each in program.registered if each.token == "azure-native:cognitiveservices:Deployment"]


def test_account_has_projects_a_host_name_and_no_keys(program: Program) -> None:
    account = program.only("Account").inputs
    assert (account["kind"], account["sku"], account["location"]) == ("AIServices", {"name": "S0"}, "koreacentral")
    assert account["identity"] == {"type": "SystemAssigned"}
    assert account["properties"] == {
        "allowProjectManagement": True,
        "customSubDomainName": "ai-fer-x1",
        "disableLocalAuth": True,
        "publicNetworkAccess": "Enabled",
    }


def test_children_of_the_account_never_overlap(program: Program) -> None:
    account, project = program.only("Account"), program.only("Project")
    children = [project, *deployments(program), program.only("ProjectConnection")]
    assert len(children) == 7
    for one, other in itertools.combinations(children, 2):
        assert one.urn in other.after or other.urn in one.after, f"{one.urn} and {other.urn} run at the same time"
    for child in children:
        assert account.urn in child.after
        assert child.retried


def test_the_project_is_deleted_separately_and_its_children_with_their_parent(program: Program) -> None:
    account, project = program.only("Account"), program.only("Project")
    assert project.deleted_with == ""
    assert {each.deleted_with for each in deployments(program)} == {account.urn}
    assert program.only("ProjectConnection").deleted_with == project.urn


def test_models_are_those_of_the_setting(program: Program) -> None:
    by_alias = {each.inputs["deploymentName"]: each for each in deployments(program)}
    assert list(by_alias) == ["chat", "embed", "moving", "ptu", "batch"]
    assert by_alias["embed"].inputs["sku"] == {"name": "Standard", "capacity": 5}
    assert by_alias["chat"].inputs["properties"] == {
        "model": {"format": "OpenAI", "name": "gpt-5.4-mini", "version": "2026-03-17"},
        "versionUpgradeOption": "NoAutoUpgrade",
        "raiPolicyName": "Microsoft.DefaultV2",
    }
    assert by_alias["moving"].inputs["properties"]["raiPolicyName"] == "Microsoft.Default"


def test_only_another_family_by_the_token_replaces_a_deployment(program: Program) -> None:
    by_alias = {each.inputs["deploymentName"]: set(each.replace_on) for each in deployments(program)}
    family = {"properties.model.name", "properties.model.format"}
    assert by_alias == {"chat": family, "embed": family, "moving": family, "ptu": set(), "batch": family}


def test_where_azure_moves_the_model_pulumi_looks_away_from_all_of_it(program: Program) -> None:
    ignored = {each.inputs["deploymentName"]: set(each.ignored) for each in deployments(program)}
    assert ignored == {"chat": set(), "embed": set(), "moving": {"properties.model"}, "ptu": set(), "batch": set()}


@pytest.mark.parametrize("name", ["whisper", "tts", "tts-hd", "text-embedding-ada-002", "gpt-4o", "o3-mini"])
def test_no_list_in_code_says_which_models_are_retired(name: str) -> None:
    (one,) = deployments(run_program({"models": [{**CHAT, "model": name}]}))
    assert one.inputs["properties"]["model"]["name"] == name


def test_a_stack_without_models_is_complete() -> None:
    program = run_program({"models": []})
    assert deployments(program) == []
    assert program.only("Project").urn in program.only("ProjectConnection").after


def test_the_default_is_one_model_with_the_smallest_quota() -> None:
    (default,) = deployments(run_program())
    assert default.inputs["sku"]["capacity"] == 1


def test_the_project_reads_the_lake_with_its_own_identity(program: Program) -> None:
    lake = next(each for each in program.every("StorageAccount") if each.inputs.get("isHnsEnabled"))
    connection = program.only("ProjectConnection")
    assert connection.inputs["properties"] == {
        "authType": "AAD",
        "category": "ADLSGen2",
        "target": program.outputs["lake_dfs_url"],
        "isSharedToAll": True,
        "metadata": {"ApiType": "Azure", "ResourceId": f"/subscriptions/s/StorageAccount/{lake.inputs['accountName']}"},
    }
    assert lake.urn in connection.after


@pytest.mark.parametrize(("emails", "budgets"), [([], 0), (["ana@example.edu"], 1)])
def test_a_budget_needs_an_e_mail_address(emails: list[str], budgets: int) -> None:
    program = run_program({"budgetEmails": emails, "budgetAmount": 25, "budgetStart": NEXT_YEAR})
    created: list[dict[str, Any]] = [each.inputs for each in program.registered if each.kind == "Budget"]
    assert len(created) == budgets
    for budget in created:
        assert budget["amount"] == 25
        assert budget["timePeriod"] == {"startDate": f"{NEXT_YEAR}T00:00:00Z"}
        assert {tuple(each["contactEmails"]) for each in budget["notifications"].values()} == {tuple(emails)}


@pytest.mark.parametrize(
    ("start", "ignored"),
    [("", {"eTag", "timePeriod"}), ("2026-01-01", {"eTag", "timePeriod"}), (NEXT_YEAR, {"eTag"})],
)
def test_a_budget_starts_in_the_month_it_is_created_in_and_never_moves(start: str, ignored: set[str]) -> None:
    before = datetime.now(UTC).strftime("%Y-%m-01")
    budget = run_program({"budgetEmails": ["ana@example.edu"], "budgetStart": start}).only("Budget")
    months = {before, datetime.now(UTC).strftime("%Y-%m-01")}  # two, if the month ended in between
    started = budget.inputs["timePeriod"]["startDate"].removesuffix("T00:00:00Z")
    assert started in ({start} if start == NEXT_YEAR else months)
    assert budget.ignored == ignored
    assert budget.replace_on == {"timePeriod.startDate"}
