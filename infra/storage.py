"""The two storage accounts: one for the uploaded pictures, and the Data Lake."""

import pulumi
from pulumi_azure_native import storage
from retries import retry_hooks
from stack import Stack

RETENTION_DAYS = 7


class Storage(pulumi.ComponentResource):
    """Pictures in the container `imagenes`, and the lake, with a hierarchical namespace, in the container `raw`."""

    def __init__(self, name: str, stack: Stack) -> None:
        super().__init__("vector-lake:infra:Storage", name)
        self.group, self.settings = stack.group, stack.settings
        self.pictures = self._account("pictures", self.settings.pictures_account, hierarchical=False)
        self.pictures_container = self._container("imagenes", self.pictures, protected=False)
        self.lake = self._account("lake", self.settings.lake_account, hierarchical=True)
        self.lake_container = self._container("raw", self.lake, protected=self.settings.protect_lake)
        self.register_outputs({})

    def _account(self, name: str, account_name: str, hierarchical: bool) -> storage.StorageAccount:
        return storage.StorageAccount(
            name,
            account_name=account_name,
            resource_group_name=self.group.name,
            location=self.settings.storage_location,
            kind="StorageV2",
            sku=storage.SkuArgs(name=self.settings.storage_sku),
            # Azure omits a false one. Sent, it would count as drift after a refresh, and replace the account.
            is_hns_enabled=True if hierarchical else None,
            minimum_tls_version="TLS1_2",  # without it the service accepts TLS 1.0
            allow_blob_public_access=False,
            allow_shared_key_access=False,  # everyone logs in with an identity
            default_to_o_auth_authentication=True,
            public_network_access="Disabled" if self.settings.private else "Enabled",
            tags=self.settings.tags,
            # Another region means another account, without the data. Older stacks have a false isHnsEnabled: without
            # ignore_changes its removal would replace the account of the pictures.
            opts=pulumi.ResourceOptions(
                parent=self,
                protect=hierarchical and self.settings.protect_lake,
                ignore_changes=[] if hierarchical else ["isHnsEnabled"],
                delete_before_replace=True,
                hooks=retry_hooks(),
            ),
        )

    def _container(self, name: str, account: storage.StorageAccount, protected: bool) -> storage.BlobContainer:
        soft_delete = self._soft_delete(name, account)
        return storage.BlobContainer(
            name,
            container_name=name,
            account_name=account.name,
            resource_group_name=self.group.name,
            public_access=storage.PublicAccess.NONE,
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=[soft_delete],
                deleted_with=account,
                protect=protected,
                delete_before_replace=True,
                hooks=retry_hooks(),
            ),
        )

    def _soft_delete(self, container: str, account: storage.StorageAccount) -> storage.BlobServiceProperties:
        # No versions and no point-in-time restore: an account with a hierarchical namespace refuses both.
        policy = storage.DeleteRetentionPolicyArgs(enabled=True, days=RETENTION_DAYS)
        return storage.BlobServiceProperties(
            f"{container}-soft-delete",
            blob_services_name="default",
            account_name=account.name,
            resource_group_name=self.group.name,
            delete_retention_policy=policy,
            container_delete_retention_policy=policy,
            # One child at a time: Azure answers a second one with StorageAccountOperationInProgress.
            opts=pulumi.ResourceOptions(
                parent=self, deleted_with=account, delete_before_replace=True, hooks=retry_hooks()
            ),
        )
