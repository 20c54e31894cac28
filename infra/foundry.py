"""Microsoft Foundry: the AI account, its project, the deployed models and the project's connections."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from models import PINNED, Model
from pulumi_azure_native import cognitiveservices
from retries import retry_hooks
from roles import principal_id
from stack import Stack

PROJECT = "analisis_fer"


@dataclass(frozen=True)
class FoundryConnection:
    """A service that the project reads with its own identity, without keys. `target` is the service's URL."""

    name: str
    category: str
    target: pulumi.Input[str]
    resource_id: pulumi.Input[str]


class Foundry(pulumi.ComponentResource):
    """The account, the project, its models and its connections.

    Azure creates them strictly one after the other; `created` lists them. A deleted account is soft-deleted for 48
    hours. Until it is purged it keeps its name and its quota.
    """

    def __init__(self, name: str, stack: Stack, *, connections: Sequence[FoundryConnection]) -> None:
        super().__init__("vector-lake:infra:Foundry", name)
        self.group, self.settings = stack.group, stack.settings
        self.account = self._account()
        self.created: list[pulumi.Resource] = [self.account]
        self.project = self._project()
        self.created.append(self.project)
        for model in self.settings.models:
            self.created.append(self._deployment(model))
        for connection in connections:
            self.created.append(self._connection(connection))
        # Only the custom subdomain takes a login with an identity; each service has a domain of its own.
        self.openai_url = pulumi.Output.concat("https://", self.account.name, ".openai.azure.com/openai/v1/")
        # Azure's own name of a project begins with the account's: `ai-fer/analisis_fer`.
        services = pulumi.Output.concat("https://", self.account.name, ".services.ai.azure.com")
        self.project_url = pulumi.Output.concat(services, "/api/projects/", PROJECT)
        self.speech_url = pulumi.Output.concat("https://", self.account.name, ".cognitiveservices.azure.com/")
        self.principal_id: pulumi.Output[str] = self.project.identity.apply(principal_id)
        self.register_outputs({})

    def _account(self) -> cognitiveservices.Account:
        return cognitiveservices.Account(
            "account",
            account_name=self.settings.foundry,
            resource_group_name=self.group.name,
            location=self.settings.ai_location,
            kind="AIServices",
            sku=cognitiveservices.SkuArgs(name="S0"),
            identity=cognitiveservices.IdentityArgs(type=cognitiveservices.ResourceIdentityType.SYSTEM_ASSIGNED),
            properties=cognitiveservices.AccountPropertiesArgs(
                allow_project_management=True,
                custom_sub_domain_name=self.settings.foundry,  # required for a login with an identity
                disable_local_auth=True,
                public_network_access="Disabled" if self.settings.private else "Enabled",
            ),
            tags=self.settings.tags,
            # Azure writes both when the project is created. After a refresh they would count as drift.
            opts=pulumi.ResourceOptions(
                parent=self,
                ignore_changes=["properties.associatedProjects", "properties.defaultProject"],
                delete_before_replace=True,
                hooks=retry_hooks(),
            ),
        )

    def _project(self) -> cognitiveservices.Project:
        return cognitiveservices.Project(
            "project",
            project_name=PROJECT,
            account_name=self.account.name,
            resource_group_name=self.group.name,
            location=self.settings.ai_location,
            identity=cognitiveservices.IdentityArgs(type=cognitiveservices.ResourceIdentityType.SYSTEM_ASSIGNED),
            properties=cognitiveservices.ProjectPropertiesArgs(
                display_name=PROJECT, description="Faces, their emotions, and what looks like them."
            ),
            tags=self.settings.tags,
            # Deleted separately, before the account: Azure refuses to delete an account that still has a project.
            opts=pulumi.ResourceOptions(
                parent=self, depends_on=list(self.created), delete_before_replace=True, hooks=retry_hooks()
            ),
        )

    def _deployment(self, model: Model) -> cognitiveservices.Deployment:
        opts = self._child_options(self.account)
        # Azure takes another version in place; another family only where it is provisioned, and refuses it by the token
        # and for batches (CannotChangeDeploymentModel).
        if "provisioned" not in model.sku.lower():
            opts.replace_on_changes = ["properties.model.name", "properties.model.format"]
        if model.upgrade_policy != PINNED:
            opts.ignore_changes = ["properties.model"]  # Azure moves it, also to another family: that is not drift
        return cognitiveservices.Deployment(
            f"model-{model.alias}",
            deployment_name=model.alias,
            account_name=self.account.name,
            resource_group_name=self.group.name,
            sku=cognitiveservices.SkuArgs(name=model.sku, capacity=model.capacity),
            properties=cognitiveservices.DeploymentPropertiesArgs(
                model=cognitiveservices.DeploymentModelArgs(
                    format=model.format, name=model.name, version=model.version
                ),
                version_upgrade_option=model.upgrade_policy,
                rai_policy_name=model.content_filter,
            ),
            tags=self.settings.tags,
            opts=opts,
        )

    def _connection(self, connection: FoundryConnection) -> cognitiveservices.ProjectConnection:
        return cognitiveservices.ProjectConnection(
            f"connection-{connection.name}",
            connection_name=connection.name,
            project_name=self.project.name,
            account_name=self.account.name,
            resource_group_name=self.group.name,
            # A class and not a dict: where a type allows several classes, the SDK does not translate a dict's keys.
            properties=cognitiveservices.AADAuthTypeConnectionPropertiesArgs(
                auth_type="AAD",
                category=connection.category,
                target=connection.target,
                is_shared_to_all=True,
                metadata={"ApiType": "Azure", "ResourceId": connection.resource_id},
            ),
            opts=self._child_options(self.project),
        )

    def _child_options(self, deleted_with: pulumi.Resource) -> pulumi.ResourceOptions:
        # An account runs one operation at a time and answers a second one, deletions included, with RequestConflict.
        return pulumi.ResourceOptions(
            parent=self,
            depends_on=list(self.created),
            deleted_with=deleted_with,
            delete_before_replace=True,
            hooks=retry_hooks(),
        )
