"""Logs and figures of every service, kept together in Log Analytics for a month."""

from collections.abc import Sequence

import pulumi
from pulumi_azure_native import monitor, operationalinsights, resources
from retries import retried
from settings import Settings
from watched import Watched

LOGS = [monitor.DiagnosticsLogSettingsArgs(category_group="allLogs", enabled=True)]


class Diagnostics(pulumi.ComponentResource):
    """A workspace, and a setting for each of the watched, made when all else about it is done."""

    def __init__(
        self, name: str, *, group: resources.ResourceGroup, settings: Settings, watched: Sequence[Watched]
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
        for each in watched:
            self._setting(each)
        self.register_outputs({})

    def _setting(self, watched: Watched) -> None:
        scope = watched.scope
        monitor.DiagnosticSetting(
            f"{scope.name}-logs",
            name="to-log-analytics",
            resource_uri=scope.id,
            workspace_id=self.workspace.id,
            logs=LOGS,
            metrics=[monitor.DiagnosticsMetricSettingsArgs(category=each, enabled=True) for each in watched.figures],
            # Deleted by itself: a setting may outlive its resource, and comes back with the next of that name.
            opts=pulumi.ResourceOptions(parent=self, depends_on=list(scope.after), hooks=retried()),
        )
