"""Logs and figures of every service, kept together in Log Analytics for a month."""

from collections.abc import Mapping

import pulumi
from pulumi_azure_native import monitor, operationalinsights, resources
from retries import retried
from roles import Scope
from settings import Settings

LOGS = [monitor.DiagnosticsLogSettingsArgs(category_group="allLogs", enabled=True)]
METRICS = [monitor.DiagnosticsMetricSettingsArgs(category="AllMetrics", enabled=True)]


class Diagnostics(pulumi.ComponentResource):
    """A workspace, and a setting for each of the watched, made when all else about it is done."""

    def __init__(
        self, name: str, *, group: resources.ResourceGroup, settings: Settings, watched: Mapping[str, Scope]
    ) -> None:
        super().__init__("vector-lake:infra:Diagnostics", name)
        self.workspace = operationalinsights.Workspace(
            "logs",
            workspace_name="logs",
            resource_group_name=group.name,
            location=settings.location,
            sku=operationalinsights.WorkspaceSkuArgs(name="PerGB2018"),
            retention_in_days=30,
            tags=settings.tags,
            opts=pulumi.ResourceOptions(parent=self),
        )
        for watched_name, scope in watched.items():
            self._setting(watched_name, scope)
        self.register_outputs({})

    def _setting(self, name: str, scope: Scope) -> None:
        monitor.DiagnosticSetting(
            f"{name}-logs",
            name="to-log-analytics",
            resource_uri=scope.id,
            workspace_id=self.workspace.id,
            logs=LOGS,
            metrics=METRICS,
            # Deleted by itself: a setting may outlive its resource, and comes back with the next of that name.
            opts=pulumi.ResourceOptions(parent=self, depends_on=list(scope.after), hooks=retried()),
        )
