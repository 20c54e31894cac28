"""Azure Machine Learning, off by default: a workspace for fine-tuning, what it needs, and a cluster that sleeps.

The endpoint of a model is not here: an idle one is billed, so the jobs make and delete it.
"""

import pulumi
from pulumi_azure_native import (
    applicationinsights,
    containerregistry,
    machinelearningservices,
    managedidentity,
    operationalinsights,
    storage,
)
from retries import retry_hooks
from roles import principal_id
from stack import Stack

CLUSTER = "train"
MOST_NODES, IDLE = 1, "PT120S"


class MachineLearning(pulumi.ComponentResource):
    """The workspace, its logs, registry and storage account without keys, an identity, and a cluster of 0 to 1 nodes.

    The registry is made here, because Azure would make one at the first image, with its administrator switched on.
    `identity` is that of the cluster's jobs and of the endpoint; `principal_id` is the workspace's own. Azure keeps a
    deleted workspace for 14 days, and its name: `jobs teardown` purges it.
    """

    def __init__(self, name: str, stack: Stack, *, vault_id: pulumi.Input[str]) -> None:
        super().__init__("vector-lake:infra:MachineLearning", name)
        self.group, self.settings = stack.group, stack.settings
        self.location = self.settings.ml_location
        self.account, self.registry = self._account(), self._registry()
        self.identity = self._identity()
        self.workspace = self._workspace(vault_id, self._insights(self._logs()))
        self.cluster = self._cluster()
        self.principal_id: pulumi.Output[str] = self.workspace.identity.apply(principal_id)
        self.register_outputs({})

    def _options(self, **options: object) -> pulumi.ResourceOptions:
        given = pulumi.ResourceOptions(parent=self, delete_before_replace=True, hooks=retry_hooks())
        return pulumi.ResourceOptions.merge(given, pulumi.ResourceOptions(**options))  # type: ignore[arg-type]

    def _account(self) -> storage.StorageAccount:
        # Without a hierarchical namespace, which Azure refuses for a workspace's own account.
        return storage.StorageAccount(
            "ml-account",
            account_name=self.settings.ml_account,
            resource_group_name=self.group.name,
            location=self.location,
            kind="StorageV2",
            sku=storage.SkuArgs(name="Standard_LRS"),
            minimum_tls_version="TLS1_2",
            allow_blob_public_access=False,
            allow_shared_key_access=False,
            default_to_o_auth_authentication=True,
            public_network_access="Enabled",
            tags=self.settings.tags,
            opts=self._options(),
        )

    def _registry(self) -> containerregistry.Registry:
        return containerregistry.Registry(
            "ml-registry",
            registry_name=self.settings.ml_registry,
            resource_group_name=self.group.name,
            location=self.location,
            sku=containerregistry.SkuArgs(name="Basic"),
            admin_user_enabled=False,
            tags=self.settings.tags,
            opts=self._options(),
        )

    def _identity(self) -> managedidentity.UserAssignedIdentity:
        return managedidentity.UserAssignedIdentity(
            "ml-identity",
            resource_name_=f"{self.settings.ml_workspace}-identity",
            resource_group_name=self.group.name,
            location=self.location,
            tags=self.settings.tags,
            opts=self._options(),
        )

    def _logs(self) -> operationalinsights.Workspace:
        return operationalinsights.Workspace(
            "ml-logs",
            workspace_name=f"{self.settings.ml_workspace}-logs",
            resource_group_name=self.group.name,
            location=self.location,
            sku=operationalinsights.WorkspaceSkuArgs(name="PerGB2018"),
            retention_in_days=30,
            tags=self.settings.tags,
            opts=self._options(),
        )

    def _insights(self, logs: operationalinsights.Workspace) -> applicationinsights.Component:
        return applicationinsights.Component(
            "ml-insights",
            resource_name_=f"{self.settings.ml_workspace}-insights",
            resource_group_name=self.group.name,
            location=self.location,
            kind="web",
            application_type="web",
            ingestion_mode="LogAnalytics",
            workspace_resource_id=logs.id,
            tags=self.settings.tags,
            opts=self._options(),
        )

    def _workspace(
        self, vault_id: pulumi.Input[str], insights: applicationinsights.Component
    ) -> machinelearningservices.Workspace:
        # Azure changes neither account, vault nor registry of a workspace.
        return machinelearningservices.Workspace(
            "ml-workspace",
            workspace_name=self.settings.ml_workspace,
            resource_group_name=self.group.name,
            location=self.location,
            kind="Default",
            sku=machinelearningservices.SkuArgs(name="Basic"),
            identity=machinelearningservices.ManagedServiceIdentityArgs(type="SystemAssigned"),
            friendly_name=self.settings.ml_workspace,
            storage_account=self.account.id,
            container_registry=self.registry.id,
            key_vault=vault_id,
            application_insights=insights.id,
            system_datastores_auth_mode="Identity",  # its account has no keys
            public_network_access="Enabled",
            tags=self.settings.tags,
            opts=self._options(replace_on_changes=["storageAccount", "keyVault"]),
        )

    def _cluster(self) -> machinelearningservices.Compute:
        settings = machinelearningservices.AmlComputePropertiesArgs(
            os_type="Linux",
            vm_size=self.settings.ml_compute_size,
            vm_priority=self.settings.ml_priority,
            remote_login_port_public_access="Disabled",
            scale_settings=machinelearningservices.ScaleSettingsArgs(
                min_node_count=0, max_node_count=MOST_NODES, node_idle_time_before_scale_down=IDLE
            ),
        )
        return machinelearningservices.Compute(
            "ml-cluster",
            compute_name=CLUSTER,
            workspace_name=self.workspace.name,
            resource_group_name=self.group.name,
            location=self.location,
            identity=machinelearningservices.ManagedServiceIdentityArgs(
                type="UserAssigned", user_assigned_identities=[self.identity.id]
            ),
            # A class and not a dict: where a type allows several classes, the SDK does not translate a dict's keys.
            properties=machinelearningservices.AmlComputeArgs(
                compute_type="AmlCompute", disable_local_auth=True, properties=settings
            ),
            tags=self.settings.tags,
            # Azure changes neither size nor priority of a cluster.
            opts=self._options(
                deleted_with=self.workspace,
                replace_on_changes=["properties.properties.vmSize", "properties.properties.vmPriority"],
            ),
        )
