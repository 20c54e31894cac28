"""Logs and metrics of every service, sent to Log Analytics and kept for a month."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from access import Components
from pulumi_azure_native import monitor, operationalinsights
from retries import retry_hooks
from roles import Scope
from stack import Stack

LOGS = [monitor.DiagnosticsLogSettingsArgs(category_group="allLogs", enabled=True)]


@dataclass(frozen=True)
class DiagnosticTarget:
    """A service that sends logs, and the names of its metric categories."""

    scope: Scope
    metric_categories: Sequence[str] = ("AllMetrics",)


class Diagnostics(pulumi.ComponentResource):
    """A Log Analytics workspace, and a diagnostic setting for each target, created after the rest of the target."""

    def __init__(self, name: str, stack: Stack, *, targets: Sequence[DiagnosticTarget]) -> None:
        super().__init__("vector-lake:infra:Diagnostics", name)
        self.workspace = operationalinsights.Workspace(
            "logs",
            workspace_name=stack.settings.workspace,
            resource_group_name=stack.group.name,
            location=stack.settings.location,
            sku=operationalinsights.WorkspaceSkuArgs(name="PerGB2018"),
            retention_in_days=30,
            tags=stack.settings.tags,
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True, hooks=retry_hooks()),
        )
        for target in targets:
            self._setting(target)
        self.register_outputs({})

    def _setting(self, target: DiagnosticTarget) -> None:
        scope = target.scope
        monitor.DiagnosticSetting(
            f"{scope.name}-logs",
            name="to-log-analytics",
            resource_uri=scope.id,
            workspace_id=self.workspace.id,
            logs=LOGS,
            metrics=[
                monitor.DiagnosticsMetricSettingsArgs(category=category, enabled=True)
                for category in target.metric_categories
            ],
            # Deleted separately: a setting may outlive its resource, and comes back with the next one of that name.
            opts=pulumi.ResourceOptions(
                parent=self, depends_on=list(scope.after), delete_before_replace=True, hooks=retry_hooks()
            ),
        )


def diagnostic_targets(components: Components) -> list[DiagnosticTarget]:
    """Return every service that has logs. A storage account's are those of its blob service."""
    storage, database, vault, foundry = components.storage, components.database, components.vault, components.foundry
    targets = [
        DiagnosticTarget(Scope("database", database.server.id, database.created)),
        blob_service_target("pictures", storage.pictures.id, storage.pictures_container),
        blob_service_target("lake", storage.lake.id, storage.lake_container),
        DiagnosticTarget(Scope("vault", vault.vault.id, vault.created)),
        DiagnosticTarget(Scope("factory", components.factory.factory.id)),
        DiagnosticTarget(Scope("foundry", foundry.account.id, foundry.created)),
    ]
    if components.search:
        targets.append(DiagnosticTarget(Scope("search", components.search.service.id)))
    if learning := components.machine_learning:
        targets.append(DiagnosticTarget(Scope("mlworkspace", learning.workspace.id, [learning.cluster])))
        targets.append(DiagnosticTarget(Scope("mlregistry", learning.registry.id)))
        targets.append(blob_service_target("mlaccount", learning.account.id, learning.workspace))
    return targets


def blob_service_target(name: str, account_id: pulumi.Output[str], container: pulumi.Resource) -> DiagnosticTarget:
    """Return an account's blob service. It refuses AllMetrics: "supported categories are: Capacity;Transaction"."""
    scope = Scope(name, pulumi.Output.concat(account_id, "/blobServices/default"), [container])
    return DiagnosticTarget(scope, ("Capacity", "Transaction"))
