"""The graph of the whole program, in every mode and before anything exists: who waits for whom, who goes with whom."""

import itertools
import json
from collections.abc import Iterable
from dataclasses import fields
from typing import Any

import pytest

from jobs.target import Target
from tests.infra.configuration import ROOT
from tests.infra.modes import MODES
from tests.infra.recorder import Program, Registered, run_program

# What is never deleted by itself, and what it goes with. All else is, in the reverse of the order of its making.
GOES_WITH = {
    "dbforpostgresql:Configuration": "dbforpostgresql:Server",
    "dbforpostgresql:Database": "dbforpostgresql:Server",
    "dbforpostgresql:FirewallRule": "dbforpostgresql:Server",
    "dbforpostgresql:AdministratorsMicrosoftEntra": "dbforpostgresql:Server",
    "storage:BlobServiceProperties": "storage:StorageAccount",
    "storage:BlobContainer": "storage:StorageAccount",
    "keyvault:Secret": "keyvault:Vault",
    "cognitiveservices:Deployment": "cognitiveservices:Account",
    "cognitiveservices:ProjectConnection": "cognitiveservices:Project",
    "datafactory:LinkedService": "datafactory:Factory",
    "datafactory:Dataset": "datafactory:Factory",
    "datafactory:Pipeline": "datafactory:Factory",
    "datafactory:Trigger": "datafactory:Factory",
    "datafactory:IntegrationRuntime": "datafactory:Factory",
    "datafactory:ManagedPrivateEndpoint": "datafactory:Factory",
    "resources:Deployment": "resources:ResourceGroup",
}
SERVER = {"Configuration", "Database", "FirewallRule", "AdministratorsMicrosoftEntra"}


@pytest.fixture(scope="module", params=MODES, ids=lambda mode: mode.replace(" ", "-"))
def settings(request: pytest.FixtureRequest) -> dict[str, Any]:
    return MODES[request.param]


@pytest.fixture(scope="module", params=[False, True], ids=["up", "first-preview"])
def program(settings: dict[str, Any], request: pytest.FixtureRequest) -> Program:
    return run_program(settings, first_preview=request.param)


def short(each: Registered) -> str:
    return f"{each.token.split(':')[1].partition('/')[0]}:{each.kind}"


def one_by_one(program: Program, every: Iterable[Registered]) -> None:
    for one, other in itertools.combinations(every, 2):
        assert program.waits(one, other) or program.waits(other, one), f"{one.name} and {other.name} at the same time"


def test_what_goes_with_another_and_what_is_deleted_by_itself(program: Program) -> None:
    urns = {each.urn: each for each in program.registered}
    for each in program.registered:
        home = short(urns[each.deleted_with]) if each.deleted_with else None
        assert home == GOES_WITH.get(short(each)), each.name
        assert not home or each.deleted_with in each.after, f"{each.name} does not name its {home}"


def test_what_one_service_refuses_at_the_same_time_never_overlaps(program: Program) -> None:
    server = [each for each in program.registered if each.kind in SERVER]
    foundry = [each for each in program.registered if short(each).startswith("cognitiveservices:")]
    doors = [each for each in program.registered if each.kind in ("PrivateEndpoint", "ManagedPrivateEndpoint")]
    storage = [[program.named(f"{name}-soft-delete"), program.named(name)] for name in ("imagenes", "raw")]
    for every in (server, foundry, doors, *storage):
        one_by_one(program, every)
        for each in every:
            assert each.retried, f"{each.name} would not be tried again"


def test_the_account_goes_last_of_its_own(program: Program) -> None:
    account, project = program.only("Account"), program.only("Project")
    assert program.waits(project, account)
    for each in program.every("ProjectConnection"):
        assert program.waits(each, project)


def test_components_are_the_parents_and_nothing_has_another_name_to_go_by(program: Program) -> None:
    for each in program.registered:
        assert ("vector-lake:infra:" in each.parent) == (each.kind != "ResourceGroup"), each.name
        assert not each.aliased, each.name


def test_documents_wait_for_every_one_that_they_name(program: Program, settings: dict[str, Any]) -> None:
    made = {each.name.removesuffix("_Entra"): each for each in program.registered}
    for kind in ["linkedService", "dataset", "pipeline"] + ["trigger"] * bool(settings.get("dailyTrigger")):
        for path in sorted((ROOT / "adf" / kind).glob("*.json")):
            document = made[path.stem]
            entra = settings.get("entraOnly") and path.stem == "LS_PostgreSQL_FER"
            for name in names_in(json.loads(path.read_text(encoding="utf-8"))):
                assert entra or made[name].urn in document.after, f"{path.stem} does not wait for {name}"
            if kind == "linkedService" and settings.get("private"):
                assert program.waits(document, program.only("IntegrationRuntime")), path.stem


def names_in(document: Any) -> list[str]:
    """Every name that a document refers to."""
    if isinstance(document, list):
        return [name for each in document for name in names_in(each)]
    if not isinstance(document, dict):
        return []
    own = [document["referenceName"]] if "referenceName" in document else []
    return own + [name for each in document.values() for name in names_in(each)]


def test_linked_services_wait_for_what_they_lead_to(program: Program, settings: dict[str, Any]) -> None:
    postgres = "LS_PostgreSQL_FER_Entra" if settings.get("entraOnly") else "LS_PostgreSQL_FER"
    led = {"LS_BlobStorage_Imagenes": "pictures", "LS_Lakehouse_ADLS": "lake", "LS_KeyVault": "vault"}
    for name, home in {**led, postgres: "server"}.items():
        assert program.waits(program.named(name), program.named(home)), name
    assert program.waits(program.named(postgres), program.only("Database"))


def test_roles_name_a_kind_of_principal_and_wait_for_both_ends(program: Program) -> None:
    scopes = {name: program.named(name) for name in ("pictures", "lake", "vault")}
    scopes["foundry"] = program.only("Account")
    if "Service" in {each.kind for each in program.registered}:
        scopes["search"] = program.only("Service")
    principals = {"factory": program.only("Factory"), "project": program.only("Project")}
    for each in program.every("RoleAssignment"):
        principal, scope, _ = each.name.split("-", 2)
        assert each.inputs["principalType"] == ("User" if principal == "deployer" else "ServicePrincipal")
        assert program.waits(each, scopes[scope]), each.name
        assert principal == "deployer" or program.waits(each, principals[principal]), each.name
        assert "principalId" in each.inputs, "even where Azure has not told it: a preview would stop there"
        assert {"roleDefinitionId", "principalId", "principalType", "scope"} <= each.replace_on


def test_what_azure_writes_or_keeps_is_no_change_of_ours(program: Program, settings: dict[str, Any]) -> None:
    ignored = {
        "Server": {"administratorLogin"} if settings.get("entraOnly") else set(),
        "Account": {"properties.associatedProjects", "properties.defaultProject"},
        "PrivateEndpoint": {"customDnsConfigs"},
        "VirtualNetwork": {"subnets[0].etag"},
        "Budget": {"eTag", "timePeriod"},
    }
    for each in program.registered:
        if each.token != "azure-native:cognitiveservices:Deployment":
            assert each.ignored == ignored.get(each.kind, set()), each.name


def test_exports_are_those_of_target_and_the_password_the_one_secret(
    program: Program, settings: dict[str, Any]
) -> None:
    assert sorted(program.outputs) == sorted(each.name for each in fields(Target))
    assert program.secrets == (set() if settings.get("entraOnly") else {"postgres_password"})
