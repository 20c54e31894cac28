"""The key vault. It holds the secrets that an identity cannot replace: the database's passwords."""

from collections.abc import Mapping

import pulumi
from pulumi_azure_native import keyvault
from retries import retry_hooks
from stack import Stack

# By the database's role: adf/linkedService refers to the reader's.
SECRETS = {
    "admin": "postgres-password",
    "lake_reader": "postgres-reader-password",
    "lake_writer": "postgres-writer-password",
}


class Vault(pulumi.ComponentResource):
    """A vault that uses Azure roles for access. With `entra_only` it stays empty. `created` lists vault and secrets.

    The `passwords`, by the database's role, must be secret outputs already: azure-native marks nothing as secret.
    `secrets` are by role too.
    """

    def __init__(self, name: str, stack: Stack, *, passwords: Mapping[str, pulumi.Output[str]]) -> None:
        super().__init__("vector-lake:infra:Vault", name)
        self.group, self.settings = stack.group, stack.settings
        self.vault = self._vault(stack.deployer.tenant_id)
        self.secrets = {role: self._secret(SECRETS[role], password) for role, password in passwords.items()}
        self.created: list[pulumi.Resource] = [self.vault, *self.secrets.values()]
        self.register_outputs({})

    def _vault(self, tenant_id: str) -> keyvault.Vault:
        return keyvault.Vault(
            "vault",
            vault_name=self.settings.vault,
            resource_group_name=self.group.name,
            location=self.settings.location,
            properties=keyvault.VaultPropertiesArgs(
                tenant_id=tenant_id,
                sku=keyvault.SkuArgs(family="A", name=keyvault.SkuName.STANDARD),
                enable_rbac_authorization=True,
                soft_delete_retention_in_days=7,
                public_network_access="Disabled" if self.settings.private else "Enabled",
                # Any address, always with a role: people's machines have no fixed one. Data Factory needs no rule,
                # because it is one of Azure's trusted services.
                network_acls=keyvault.NetworkRuleSetArgs(
                    bypass="AzureServices", default_action="Deny" if self.settings.private else "Allow"
                ),
                # No enable_purge_protection: the service refuses false, and true can never be reverted.
            ),
            tags=self.settings.tags,
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True, hooks=retry_hooks()),
        )

    def _secret(self, name: str, password: pulumi.Output[str]) -> keyvault.Secret:
        return keyvault.Secret(
            name,
            secret_name=name,
            vault_name=self.vault.name,
            resource_group_name=self.group.name,
            properties=keyvault.SecretPropertiesArgs(content_type="text/plain", value=password),
            tags=self.settings.tags,
            # Deleted separately it would need a data role that the deployer may not have, and destroy would fail.
            opts=pulumi.ResourceOptions(
                parent=self, deleted_with=self.vault, delete_before_replace=True, hooks=retry_hooks()
            ),
        )
