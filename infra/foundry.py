"""Foundry: the AI account, its project and the models deployed there."""

from collections.abc import Sequence

import pulumi
from connection import Connection
from models import PINNED, Model
from pulumi_azure_native import cognitiveservices, resources
from retries import retried
from settings import Settings

PROJECT = "analisis_fer"


class Foundry(pulumi.ComponentResource):
    """Account, project, models and connections, made strictly one after the other.

    A deleted account stays for 48 hours, and keeps its name and quota, until it is purged.
    """

    def __init__(
        self,
        name: str,
        *,
        group: resources.ResourceGroup,
        settings: Settings,
        connections: Sequence[Connection],
    ) -> None:
        super().__init__("vector-lake:infra:Foundry", name)
        self.group, self.settings = group, settings
        self.account = self._account()
        self.made: list[pulumi.Resource] = [self.account]
        self.project = self._project()
        self.made.append(self.project)
        for model in settings.models:
            self.made.append(self._deployment(model))
        for connection in connections:
            self.made.append(self._connection(connection))
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
                custom_sub_domain_name=self.settings.foundry,  # logging in with an identity needs one
                disable_local_auth=True,
                public_network_access="Disabled" if self.settings.private else "Enabled",
            ),
            tags=self.settings.tags,
            # Azure writes both when the project is made: after a refresh the program would take them back.
            opts=pulumi.ResourceOptions(
                parent=self,
                ignore_changes=["properties.associatedProjects", "properties.defaultProject"],
                hooks=retried(),
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
            # Deleted by itself, and before the account: Azure refuses to delete an account that still has a project.
            opts=pulumi.ResourceOptions(parent=self, depends_on=list(self.made), hooks=retried()),
        )

    def _deployment(self, model: Model) -> cognitiveservices.Deployment:
        opts = self._next(self.account)
        # Azure takes another model or version in place, says that it succeeded, and goes on with the old one.
        opts.replace_on_changes, opts.delete_before_replace = ["properties.model"], True
        if model.upgrade_policy != PINNED:
            opts.ignore_changes = ["properties.model.version"]  # Azure moves it, and a refresh would see drift
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

    def _connection(self, connection: Connection) -> cognitiveservices.ProjectConnection:
        return cognitiveservices.ProjectConnection(
            f"connection-{connection.name}",
            connection_name=connection.name,
            project_name=self.project.name,
            account_name=self.account.name,
            resource_group_name=self.group.name,
            # The class and no dict: in a choice of classes the SDK leaves the keys of a dict in Python's spelling.
            properties=cognitiveservices.AADAuthTypeConnectionPropertiesArgs(
                auth_type="AAD",
                category=connection.category,
                target=connection.target,
                is_shared_to_all=True,
                metadata={"ApiType": "Azure", "ResourceId": connection.resource_id},
            ),
            opts=self._next(self.project),
        )

    def _next(self, goes_with: pulumi.Resource) -> pulumi.ResourceOptions:
        # An account does one thing at a time and refuses a second with RequestConflict, deletions too.
        return pulumi.ResourceOptions(parent=self, depends_on=list(self.made), deleted_with=goes_with, hooks=retried())


def principal_id(identity: cognitiveservices.outputs.IdentityResponse | None) -> str:
    """The object id that Entra knows a project's identity by; empty where Azure has not told it."""
    return (identity.principal_id or "") if identity else ""
