"""Role assignments: which principal has which role at which scope, each once and with a principal type."""

import uuid
from typing import Any

import pytest

from tests.infra.recorder import Program, run_program

# https://learn.microsoft.com/azure/role-based-access-control/built-in-roles
ROLES = {
    "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1": "Storage Blob Data Reader",
    "ba92f5b4-2d11-453d-a403-e96b0029c9fe": "Storage Blob Data Contributor",
    "4633458b-17de-408a-b874-0445c86b69e6": "Key Vault Secrets User",
    "b86a8fe4-44ce-4948-aee5-eccb2c155cd7": "Key Vault Secrets Officer",
    "53ca6127-db72-4b80-b1b0-d745d6d5456d": "Azure AI User",
    "5e0bd9bd-7b93-4f28-af87-19fc36ad61bd": "Cognitive Services OpenAI User",
    "f2dc8367-1007-4938-bd23-fe263f013447": "Cognitive Services Speech User",
    "8ebe5a00-799e-43f5-93ac-243d3dce84a7": "Search Index Data Contributor",
    "7ca78c08-252a-4471-8644-bb5ff32d4ba0": "Search Service Contributor",
    "7f951dda-4ed3-4680-a7ca-43fe172d538d": "AcrPull",
    "f6c7c914-8db3-469d-8ca1-694a8f32e121": "AzureML Data Scientist",
    "f1a07417-d97a-45cb-824c-7a7467783830": "Managed Identity Operator",
    "eadc314b-1a2d-4efa-be10-5d325db5065e": "Azure AI Project Manager",
}
DEPLOYER = {
    ("deployer", "Storage Blob Data Contributor", "stferimagenes"),
    ("deployer", "Storage Blob Data Contributor", "stferlakehouse"),
    ("deployer", "Key Vault Secrets Officer", "kv-fer"),
    ("deployer", "Azure AI User", "ai-fer"),
    ("deployer", "Cognitive Services OpenAI User", "ai-fer"),
    ("deployer", "Cognitive Services Speech User", "ai-fer"),
}
SERVICES = {
    ("factory", "Storage Blob Data Reader", "stferimagenes"),
    ("factory", "Storage Blob Data Contributor", "stferlakehouse"),
    ("factory", "Key Vault Secrets User", "postgres-reader-password"),
    ("project", "Storage Blob Data Reader", "stferlakehouse"),
}
TRAINING = {
    ("identity", "Storage Blob Data Contributor", "stferml"),
    ("identity", "AcrPull", "crfer"),
    ("identity", "AzureML Data Scientist", "mlw-fer"),
    ("workspace", "Key Vault Secrets Officer", "kv-fer"),
}
TRAINER = {
    ("deployer", "Storage Blob Data Contributor", "stferml"),
    ("deployer", "AzureML Data Scientist", "mlw-fer"),
    ("deployer", "Managed Identity Operator", "mlw-fer-identity"),
    ("deployer", "Azure AI Project Manager", "analisis_fer"),
}
PRINCIPALS = {
    "o": "deployer",
    "principal-of-adf-fer": "factory",
    "principal-of-analisis_fer": "project",
    "principal-of-mlw-fer-identity": "identity",
    "principal-of-mlw-fer": "workspace",
}
ON = {"machineLearning": True}


def assignments(program: Program) -> list[tuple[str, str, str]]:
    """Return principal, role and scope of each assignment."""
    assigned = []
    for each in program.every("RoleAssignment"):
        role = ROLES[each.inputs["roleDefinitionId"].rpartition("/")[2]]
        assigned.append((PRINCIPALS[each.inputs["principalId"]], role, each.inputs["scope"].rpartition("/")[2]))
    return assigned


@pytest.mark.parametrize(
    ("settings", "granted"),
    [
        ({}, SERVICES | DEPLOYER),
        ({"grantDeployer": False}, SERVICES),
        (ON, SERVICES | DEPLOYER | TRAINING | TRAINER),
        ({**ON, "grantDeployer": False}, SERVICES | TRAINING),
    ],
    ids=["all", "services", "machine learning", "machine learning, services"],
)
def test_each_role_is_assigned_once(settings: dict[str, Any], granted: set[tuple[str, str, str]]) -> None:
    assigned = assignments(run_program(settings))
    assert sorted(assigned) == sorted(granted)


def test_the_principal_type_is_always_given() -> None:
    program = run_program({"deployerType": "Group"})
    for each in program.every("RoleAssignment"):
        person = each.inputs["principalId"] == "o"
        assert each.inputs["principalType"] == ("Group" if person else "ServicePrincipal")


def test_role_definitions_are_those_of_the_subscription() -> None:
    prefix = "/subscriptions/the-subscription/providers/Microsoft.Authorization/roleDefinitions/"
    for each in run_program().every("RoleAssignment"):
        assert each.inputs["roleDefinitionId"].startswith(prefix)


def test_a_role_waits_for_its_scope_and_principal_and_is_replaced_when_changed() -> None:
    program = run_program()
    ids = {f"/subscriptions/s/{each.kind}/{each.inputs.get('accountName', '')}": each for each in program.registered}
    for each in program.every("RoleAssignment"):
        assert {"roleDefinitionId", "principalType"} <= each.replace_on
        assert each.retried
        assert each.deleted_with == ""
        if each.inputs["scope"] in ids:
            assert program.waits(each, ids[each.inputs["scope"]])
        if each.inputs["principalId"] == "principal-of-adf-fer":
            assert program.only("Factory").urn in each.after
        if each.inputs["principalId"] == "principal-of-analisis_fer":
            assert program.only("Project").urn in each.after
    for role in ("factory-lake-storage-blob-data-contributor", "deployer-lake-storage-blob-data-contributor"):
        assert program.named("raw").urn in program.named(role).after, "an account accepts one child at a time"


def test_the_name_follows_from_principal_role_and_scope() -> None:
    """An interrupted create is found again under the same name, and no two assignments share one."""
    names = [assignment_names({}), assignment_names({}), assignment_names({"nameSuffix": "x1"})]
    assert names[0] == names[1] and len(set(names[0])) == len(names[0])
    assert all(str(uuid.UUID(name)) == name for name in names[0])
    assert not set(names[0]) & set(names[2])


def assignment_names(settings: dict[str, Any]) -> list[str]:
    """Return the name of every assignment, sorted."""
    return sorted(each.inputs["roleAssignmentName"] for each in run_program(settings).every("RoleAssignment"))
