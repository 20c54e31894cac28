"""The order of creation and deletion of the whole program, in every mode and in a first preview."""

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

# Resources that are deleted with another one. All others are deleted separately, in reverse order of creation.
DELETED_WITH = {
    "dbforpostgresql:Configuration": "dbforpostgresql:Server",
    "dbforpostgresql:Database": "dbforpostgresql:Server",
    "dbforpostgresql:FirewallRule": "dbforpostgresql:Server",
    "dbforpostgresql:AdministratorsMicrosoftEntra": "dbforpostgresql:Server",
    "storage:BlobServiceProperties": "storage:StorageAccount",
    "storage:BlobContainer": "storage:StorageAccount",
    "keyvault:Secret": "keyvault:Vault",
    "machinelearningservices:Compute": "machinelearningservices:Workspace",
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

PASSWORDS = {"postgres_password", "postgres_reader_password", "postgres_writer_password"}


@pytest.fixture(scope="module", params=MODES, ids=lambda mode: mode.replace(" ", "-"))
def settings(request: pytest.FixtureRequest) -> dict[str, Any]:
    return MODES[request.param]


@pytest.fixture(scope="module", params=[False, True], ids=["up", "first-preview"])
def program(settings: dict[str, Any], request: pytest.FixtureRequest) -> Program:
    return run_program(settings, first_preview=request.param)


def short(each: Registered) -> str:
    """Return the token without its prefix: `storage:BlobContainer`."""
    return f"{each.token.split(':')[1].partition('/')[0]}:{each.kind}"


def check_serial(program: Program, every: Iterable[Registered]) -> None:
    """Check that of any two resources one waits for the other."""
    for one, other in itertools.combinations(every, 2):
        assert program.waits(one, other) or program.waits(other, one), f"{one.name} and {other.name} overlap"


def test_each_resource_is_deleted_with_its_parent_or_separately(program: Program) -> None:
    urns = {each.urn: each for each in program.registered}
    for each in program.registered:
        parent = short(urns[each.deleted_with]) if each.deleted_with else None
        assert parent == DELETED_WITH.get(short(each)), each.name
        assert not parent or each.deleted_with in each.after, f"{each.name} does not wait for its {parent}"


def test_operations_that_a_service_refuses_in_parallel_never_overlap(program: Program) -> None:
    server = [each for each in program.registered if each.kind in SERVER]
    foundry = [each for each in program.registered if short(each).startswith("cognitiveservices:")]
    endpoints = [each for each in program.registered if each.kind in ("PrivateEndpoint", "ManagedPrivateEndpoint")]
    storage = [[program.named(f"{name}-soft-delete"), program.named(name)] for name in ("imagenes", "raw")]
    for every in (server, foundry, endpoints, *storage):
        check_serial(program, every)


def test_every_resource_of_azure_is_retried_after_a_passing_error(program: Program) -> None:
    assert [each.name for each in program.registered if each.retried != (each.kind != "RandomPassword")] == []


def test_no_resource_is_created_beside_the_old_one_of_its_name(program: Program) -> None:
    assert [each.name for each in program.registered if each.deleted_first == (each.kind == "RandomPassword")] == []


def test_the_factorys_templates_run_again_for_a_new_factory(program: Program, settings: dict[str, Any]) -> None:
    templates = [each for each in program.registered if short(each) == "resources:Deployment"]
    assert len(templates) == bool(settings.get("entraOnly")) + bool(settings.get("private"))
    factory = program.only("Factory")
    for each in templates:
        assert each.replaced_with == {factory.urn}
        # A factory that was lost is created, not replaced. Its identity is another one, empty in a first preview.
        identity = each.inputs["properties"]["template"]["metadata"]["factory"]
        assert identity == ("" if program.outputs["vault_url"] is None else "principal-of-adf-fer")
        assert factory.urn in each.after


def test_the_account_is_deleted_after_its_children(program: Program) -> None:
    account, project = program.only("Account"), program.only("Project")
    assert program.waits(project, account)
    for each in program.every("ProjectConnection"):
        assert program.waits(each, project)


def test_every_resource_has_a_component_as_parent_and_no_alias(program: Program) -> None:
    for each in program.registered:
        assert ("vector-lake:infra:" in each.parent) == (each.kind != "ResourceGroup"), each.name
        assert not each.aliased, each.name


def test_documents_wait_for_every_document_they_refer_to(program: Program, settings: dict[str, Any]) -> None:
    by_name = {each.name.removesuffix("_Entra"): each for each in program.registered}
    for kind in ["linkedService", "dataset", "pipeline"] + ["trigger"] * bool(settings.get("dailyTrigger")):
        for path in sorted((ROOT / "adf" / kind).glob("*.json")):
            document = by_name[path.stem]
            entra = settings.get("entraOnly") and path.stem == "LS_PostgreSQL_FER"
            for name in names_in(json.loads(path.read_text(encoding="utf-8"))):
                assert entra or by_name[name].urn in document.after, f"{path.stem} does not wait for {name}"
            if kind == "linkedService" and settings.get("private"):
                assert program.waits(document, program.only("IntegrationRuntime")), path.stem


def names_in(document: Any) -> list[str]:
    """Return every name that a document refers to."""
    if isinstance(document, list):
        return [name for each in document for name in names_in(each)]
    if not isinstance(document, dict):
        return []
    own = [document["referenceName"]] if "referenceName" in document else []
    return own + [name for each in document.values() for name in names_in(each)]


def test_linked_services_wait_for_what_they_connect_to(program: Program, settings: dict[str, Any]) -> None:
    postgres = "LS_PostgreSQL_FER_Entra" if settings.get("entraOnly") else "LS_PostgreSQL_FER"
    services = {"LS_BlobStorage_Imagenes": "pictures", "LS_Lakehouse_ADLS": "lake", "LS_KeyVault": "vault"}
    for name, service in {**services, postgres: "server"}.items():
        assert program.waits(program.named(name), program.named(service)), name
    assert program.waits(program.named(postgres), program.only("Database"))


def test_roles_have_a_principal_type_and_wait_for_principal_and_scope(program: Program) -> None:
    scopes = {name: program.named(name) for name in ("pictures", "lake", "vault")}
    scopes["foundry"] = program.only("Account")
    if "Service" in {each.kind for each in program.registered}:
        scopes["search"] = program.only("Service")
    principals = {"factory": program.only("Factory"), "project": program.only("Project")}
    learning = {each.name.replace("-", ""): each for each in program.registered if each.name.startswith("ml-")}
    scopes, principals = scopes | learning | {"project": principals["project"]}, principals | learning
    for each in program.every("RoleAssignment"):
        principal, scope, _ = each.name.split("-", 2)
        assert each.inputs["principalType"] == ("User" if principal == "deployer" else "ServicePrincipal")
        assert program.waits(each, scopes[scope]), each.name
        assert principal == "deployer" or program.waits(each, principals[principal]), each.name
        assert "principalId" in each.inputs, "also where it is not known yet: a preview would fail without it"
        assert {"roleDefinitionId", "principalId", "principalType", "scope"} <= each.replace_on


def test_properties_that_azure_writes_are_ignored(program: Program, settings: dict[str, Any]) -> None:
    ignored: dict[str, set[str]] = {
        "Server": {"availabilityZone"} | ({"administratorLogin"} if settings.get("entraOnly") else set()),
        "Account": {"properties.associatedProjects", "properties.defaultProject"},
        "PrivateEndpoint": {"customDnsConfigs"},
        "VirtualNetwork": {"subnets[0].etag"},
        "Budget": {"eTag", "timePeriod"},
    }
    for each in program.registered:
        if each.token != "azure-native:cognitiveservices:Deployment":
            # A false isHnsEnabled of an older stack: without it the account would be replaced.
            pictures = {"isHnsEnabled"} if each.name == "pictures" else set()
            assert each.ignored == ignored.get(each.kind, pictures), each.name


def test_exports_are_the_fields_of_target_and_only_passwords_are_secret(
    program: Program, settings: dict[str, Any]
) -> None:
    assert sorted(program.outputs) == sorted(each.name for each in fields(Target))
    assert program.secrets == (set() if settings.get("entraOnly") else PASSWORDS)
