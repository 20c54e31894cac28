"""Role assignments: which principal has which Azure role at which scope."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import pulumi
from pulumi_azure_native import authorization
from retries import retry_hooks
from stack import Stack

# Azure's built-in roles
ROLE_IDS = {
    "Storage Blob Data Reader": "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1",
    "Storage Blob Data Contributor": "ba92f5b4-2d11-453d-a403-e96b0029c9fe",
    "Key Vault Secrets User": "4633458b-17de-408a-b874-0445c86b69e6",
    "Key Vault Secrets Officer": "b86a8fe4-44ce-4948-aee5-eccb2c155cd7",
    "Azure AI User": "53ca6127-db72-4b80-b1b0-d745d6d5456d",
    "Cognitive Services OpenAI User": "5e0bd9bd-7b93-4f28-af87-19fc36ad61bd",
    "Cognitive Services Speech User": "f2dc8367-1007-4938-bd23-fe263f013447",
    "Search Index Data Contributor": "8ebe5a00-799e-43f5-93ac-243d3dce84a7",
    "Search Service Contributor": "7ca78c08-252a-4471-8644-bb5ff32d4ba0",
    "AcrPull": "7f951dda-4ed3-4680-a7ca-43fe172d538d",
    "AzureML Data Scientist": "f6c7c914-8db3-469d-8ca1-694a8f32e121",
    "Managed Identity Operator": "f1a07417-d97a-45cb-824c-7a7467783830",
    "Azure AI Project Manager": "eadc314b-1a2d-4efa-be10-5d325db5065e",
}


@dataclass(frozen=True)
class Principal:
    """An identity that gets a role.

    Its type is always given. Without it the SDK sends User, and Azure answers PrincipalNotFound for a new identity.
    """

    name: str
    id: pulumi.Input[str]
    type: str


class Identity(Protocol):
    """A managed identity, as azure-native returns it for each service."""

    @property
    def principal_id(self) -> str | None: ...


@dataclass(frozen=True)
class Scope:
    """The resource that a role applies to.

    `after` are the resources that must be complete before: an account runs one operation at a time.
    """

    name: str
    id: pulumi.Input[str]
    after: Sequence[pulumi.Resource] = field(default=())


@dataclass(frozen=True)
class Grant:
    """One role for one principal at one scope."""

    principal: Principal
    role: str
    scope: Scope


class Roles(pulumi.ComponentResource):
    """All role assignments.

    Each is deleted separately: one that outlives its principal blocks the next one of the same name.
    """

    def __init__(self, name: str, stack: Stack, *, grants: Sequence[Grant]) -> None:
        super().__init__("vector-lake:infra:Roles", name)
        definitions = (
            f"/subscriptions/{stack.deployer.subscription_id}/providers/Microsoft.Authorization/roleDefinitions"
        )
        for grant in grants:
            authorization.RoleAssignment(
                logical_name(grant),
                role_assignment_name=assignment_name(grant),
                role_definition_id=f"{definitions}/{ROLE_IDS[grant.role]}",
                principal_id=grant.principal.id,
                principal_type=grant.principal.type,
                scope=grant.scope.id,
                opts=pulumi.ResourceOptions(
                    parent=self,
                    depends_on=list(grant.scope.after),
                    # Azure changes none of these in place (RoleAssignmentUpdateNotPermitted).
                    replace_on_changes=["roleDefinitionId", "principalId", "principalType", "scope"],
                    delete_before_replace=True,
                    hooks=retry_hooks(),
                ),
            )
        self.register_outputs({})


def assignment_name(grant: Grant) -> pulumi.Output[str]:
    """Return the assignment's name at Azure, a GUID: always the same one for a principal, a role and a scope.

    A drawn one would be lost with an interrupted create. The next create would have another name, and Azure would
    refuse it (RoleAssignmentExists).
    """
    parts = pulumi.Output.all(grant.scope.id, grant.principal.id, ROLE_IDS[grant.role])
    return parts.apply(lambda given: str(uuid.uuid5(uuid.NAMESPACE_URL, "|".join(map(str, given)).lower())))


def logical_name(grant: Grant) -> str:
    """Return the name of a grant's resource, such as factory-lake-storage-blob-data-reader."""
    return f"{grant.principal.name}-{grant.scope.name}-{grant.role.lower().replace(' ', '-')}"


def principal_id(identity: Identity | None) -> str:
    """Return the object id of a managed identity in Entra, or "" where Azure has not reported it."""
    return (identity.principal_id or "") if identity else ""
