"""The PostgreSQL server with pgvector, its database, and who may knock at it."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from password import random_password
from pulumi_azure_native import dbforpostgresql, resources
from retries import retried
from settings import Settings

PORT = 5432
NAME = "fer_vct"
TIERS = {"B": "Burstable", "D": "GeneralPurpose", "E": "MemoryOptimized"}


@dataclass(frozen=True)
class Admin:
    """An Entra identity that administers the server. `login` becomes its role there, of at most 63 bytes."""

    name: str
    object_id: pulumi.Input[str]
    login: pulumi.Input[str]
    type: str


class Database(pulumi.ComponentResource):
    """Server, allowed extension, database, firewall rules and administrators, made strictly one after the other.

    `password` is None where only Entra logs in.
    """

    def __init__(
        self,
        name: str,
        *,
        group: resources.ResourceGroup,
        settings: Settings,
        tenant_id: str,
        admins: Sequence[Admin],
    ) -> None:
        super().__init__("vector-lake:infra:Database", name)
        self.group, self.settings, self.tenant_id = group, settings, tenant_id
        self.password = None if settings.entra_only else random_password(self).result
        self.server = self._server()
        self.made: list[pulumi.Resource] = [self.server]
        self._extension()
        self.database = self._database()
        for rule, address in firewall(settings):
            self._firewall_rule(rule, address)
        for admin in admins:
            self._administrator(admin)
        self.register_outputs({})

    def _server(self) -> dbforpostgresql.Server:
        settings = self.settings
        return dbforpostgresql.Server(
            "server",
            server_name=settings.postgres_server,
            resource_group_name=self.group.name,
            location=settings.database_location,
            version=settings.postgres_version,
            sku=dbforpostgresql.SkuArgs(name=settings.postgres_sku, tier=tier(settings.postgres_sku)),
            storage=dbforpostgresql.StorageArgs(storage_size_gb=32, tier="P4", auto_grow="Disabled"),
            administrator_login=None if settings.entra_only else settings.postgres_user,
            administrator_login_password=self.password,
            auth_config=dbforpostgresql.AuthConfigArgs(
                active_directory_auth="Enabled",
                password_auth="Disabled" if settings.entra_only else "Enabled",
                tenant_id=self.tenant_id,
            ),
            backup=dbforpostgresql.BackupArgs(backup_retention_days=7, geo_redundant_backup="Disabled"),
            high_availability=dbforpostgresql.HighAvailabilityArgs(mode="Disabled"),  # burstable sizes refuse it
            network=dbforpostgresql.NetworkArgs(public_network_access="Disabled" if settings.private else "Enabled"),
            tags=settings.tags,
            # Azure lets nobody change a login: another one is another server, and the data gone. Where passwords are
            # turned off, the login stays as it was.
            opts=pulumi.ResourceOptions(
                parent=self,
                ignore_changes=["administratorLogin"] if settings.entra_only else [],
                replace_on_changes=["administratorLogin"],
                delete_before_replace=True,
            ),
        )

    def _extension(self) -> None:
        # This only allows the extension; CREATE EXTENSION is the jobs' first migration.
        extension = dbforpostgresql.Configuration(
            "extensions",
            configuration_name="azure.extensions",
            value="VECTOR",
            source="user-override",
            server_name=self.server.name,
            resource_group_name=self.group.name,
            opts=self._next(),
        )
        self.made.append(extension)

    def _database(self) -> dbforpostgresql.Database:
        database = dbforpostgresql.Database(
            NAME,
            database_name=NAME,
            charset="UTF8",
            collation="en_US.utf8",
            server_name=self.server.name,
            resource_group_name=self.group.name,
            opts=self._next(),
        )
        self.made.append(database)
        return database

    def _firewall_rule(self, name: str, address: str) -> None:
        rule = dbforpostgresql.FirewallRule(
            name,
            firewall_rule_name=name,
            start_ip_address=address,
            end_ip_address=address,
            server_name=self.server.name,
            resource_group_name=self.group.name,
            opts=self._next(),
        )
        self.made.append(rule)

    def _administrator(self, admin: Admin) -> None:
        # On a server that still works on something else: AadAuthOperationCannotBePerformedWhenServerIsNotAccessible.
        # An administrator's role in the database keeps its name: another name is another administrator.
        opts = self._next()
        opts.replace_on_changes, opts.delete_before_replace = ["principalName", "principalType"], True
        administrator = dbforpostgresql.AdministratorsMicrosoftEntra(
            admin.name,
            object_id=admin.object_id,
            principal_name=admin.login,
            principal_type=admin.type,
            tenant_id=self.tenant_id,
            server_name=self.server.name,
            resource_group_name=self.group.name,
            opts=opts,
        )
        self.made.append(administrator)

    def _next(self) -> pulumi.ResourceOptions:
        # A server does one thing at a time and refuses a second with ServerIsBusy, deletions too: each child waits for
        # all before it, and none is deleted by itself when the server goes.
        return pulumi.ResourceOptions(
            parent=self, depends_on=list(self.made), deleted_with=self.server, hooks=retried()
        )


def tier(sku: str) -> str:
    """The tier that a size such as Standard_B1ms belongs to."""
    return TIERS[sku.removeprefix("Standard_")[0]]


def firewall(settings: Settings) -> list[tuple[str, str]]:
    """Name and address of each firewall rule. Azure reads 0.0.0.0 as every address of Azure, whoever rents it."""
    if settings.private:
        return []  # Azure takes rules for a server without a public address, and they do nothing
    azure = [("allow-azure", "0.0.0.0")] if settings.allow_azure_services else []  # noqa: S104 - bound nowhere
    return azure + [(f"allow-{ip.replace('.', '-')}", ip) for ip in settings.allowed_ips]
