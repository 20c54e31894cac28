"""The PostgreSQL server with pgvector: its database, its password, and who may connect."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi_azure_native import dbforpostgresql
from pulumi_random import RandomPassword
from retries import retry_hooks
from settings import Settings
from stack import Stack

PORT = 5432
NAME = "fer_vct"
TIERS = {"B": "Burstable", "D": "GeneralPurpose", "E": "MemoryOptimized"}
PASSWORD_LENGTH = 40
# Roles that the jobs create in the database: jobs/postgres/roles.py. Data Factory is the reader.
READER, WRITER = "lake_reader", "lake_writer"
SERVER_IDENTITY = dbforpostgresql.UserAssignedIdentityArgs(type="SystemAssigned")


@dataclass(frozen=True)
class Admin:
    """A Microsoft Entra administrator of the server. `login` is its role in the database, at most 63 bytes."""

    name: str
    object_id: pulumi.Input[str]
    login: pulumi.Input[str]
    type: str


class Database(pulumi.ComponentResource):
    """The server, the allowed extension, the database, firewall rules and administrators.

    Azure creates them strictly one after the other. `passwords`, by role, are empty where only Entra identities log in;
    `password` is the administrator's. `created` lists the server and its children.
    """

    def __init__(self, name: str, stack: Stack, *, admins: Sequence[Admin]) -> None:
        super().__init__("vector-lake:infra:Database", name)
        self.stack = stack
        self.passwords = {} if stack.settings.entra_only else random_passwords(self)
        self.password = self.passwords.get("admin")
        self.server = self._server()
        self.child_args: dict[str, Any] = {"server_name": self.server.name, "resource_group_name": stack.group.name}
        self.created: list[pulumi.Resource] = [self.server]
        self._extension()
        self.database = self._database()
        for rule, address in firewall_rules(stack.settings):
            self._firewall_rule(rule, address)
        for admin in admins:
            self._administrator(admin)
        self.register_outputs({})

    def _server(self) -> dbforpostgresql.Server:
        settings = self.stack.settings
        return dbforpostgresql.Server(
            "server",
            server_name=settings.postgres_server,
            resource_group_name=self.stack.group.name,
            location=settings.database_location,
            version=settings.postgres_version,
            sku=dbforpostgresql.SkuArgs(name=settings.postgres_sku, tier=tier_of(settings.postgres_sku)),
            storage=dbforpostgresql.StorageArgs(storage_size_gb=32, tier="P4", auto_grow="Disabled"),
            administrator_login=None if settings.entra_only else settings.postgres_user,
            administrator_login_password=self.password,
            auth_config=dbforpostgresql.AuthConfigArgs(
                active_directory_auth="Enabled",
                password_auth="Disabled" if settings.entra_only else "Enabled",
                tenant_id=self.stack.deployer.tenant_id,
            ),
            backup=dbforpostgresql.BackupArgs(backup_retention_days=7, geo_redundant_backup="Disabled"),
            # No high_availability, which is off by default: the SDK would send standbyAvailabilityZone "" with it.
            # Nor a zone, by an empty output: Azure chooses it, and the SDK would send "" in place of None.
            availability_zone=pulumi.Output.from_input(None),
            # The server itself has an identity in Entra where only Entra identities log in.
            identity=SERVER_IDENTITY if settings.entra_only else None,
            network=dbforpostgresql.NetworkArgs(public_network_access="Disabled" if settings.private else "Enabled"),
            tags=settings.tags,
            # Azure cannot change the administrator's login: another login means another server, without the data.
            # With passwords turned off, the login of an existing server stays.
            opts=pulumi.ResourceOptions(
                parent=self,
                ignore_changes=["availabilityZone", *(["administratorLogin"] if settings.entra_only else [])],
                replace_on_changes=["administratorLogin"],
                delete_before_replace=True,
                hooks=retry_hooks(),
            ),
        )

    def _extension(self) -> None:
        # This only allows the extension. The jobs' first migration runs CREATE EXTENSION.
        extension = dbforpostgresql.Configuration(
            "extensions",
            configuration_name="azure.extensions",
            value="VECTOR",
            source="user-override",
            opts=self._child_options(),
            **self.child_args,
        )
        self.created.append(extension)

    def _database(self) -> dbforpostgresql.Database:
        database = dbforpostgresql.Database(
            NAME,
            database_name=NAME,
            charset="UTF8",
            collation="en_US.utf8",
            opts=self._child_options(),
            **self.child_args,
        )
        self.created.append(database)
        return database

    def _firewall_rule(self, name: str, address: str) -> None:
        rule = dbforpostgresql.FirewallRule(
            name,
            firewall_rule_name=name,
            start_ip_address=address,
            end_ip_address=address,
            opts=self._child_options(),
            **self.child_args,
        )
        self.created.append(rule)

    def _administrator(self, admin: Admin) -> None:
        # A server that is still busy answers AadAuthOperationCannotBePerformedWhenServerIsNotAccessible.
        # An administrator's role in the database keeps its name, so another name needs another administrator.
        opts = self._child_options()
        opts.replace_on_changes = ["principalName", "principalType"]
        administrator = dbforpostgresql.AdministratorsMicrosoftEntra(
            admin.name,
            object_id=admin.object_id,
            principal_name=admin.login,
            principal_type=admin.type,
            tenant_id=self.stack.deployer.tenant_id,
            opts=opts,
            **self.child_args,
        )
        self.created.append(administrator)

    def _child_options(self) -> pulumi.ResourceOptions:
        # A server runs one operation at a time and answers a second one, deletions included, with ServerIsBusy. So
        # each child waits for all before it, and none is deleted separately when the server is deleted.
        return pulumi.ResourceOptions(
            parent=self,
            depends_on=list(self.created),
            deleted_with=self.server,
            delete_before_replace=True,
            hooks=retry_hooks(),
        )


def list_admins(stack: Stack) -> list[Admin]:
    """Return the administrator of the settings, else the deployer. Data Factory is a reader: no administrator."""
    settings, deployer = stack.settings, stack.deployer
    if settings.entra_admin_id:
        return [Admin("entra-admin", settings.entra_admin_id, settings.entra_admin_name, settings.entra_admin_type)]
    return [Admin("entra-admin", deployer.object_id, settings.entra_admin_name, deployer.type)]


def random_passwords(parent: pulumi.Resource) -> dict[str, pulumi.Output[str]]:
    """Create the passwords of the administrator and of both roles. The provider marks them as secret."""
    names = {"admin": "password", READER: "reader-password", WRITER: "writer-password"}
    return {role: random_password(name, parent).result for role, name in names.items()}


def random_password(name: str, parent: pulumi.Resource) -> RandomPassword:
    """Create a password.

    Azure refuses a password with three characters in a row of the login. This one has two letters and the login has
    no digits, so that cannot happen. The special characters need no quoting in URLs and connection strings.
    """
    return RandomPassword(
        name,
        length=PASSWORD_LENGTH,
        min_lower=1,
        min_upper=1,
        min_numeric=PASSWORD_LENGTH // 2,
        min_special=PASSWORD_LENGTH // 2 - 2,
        override_special="!*-.~",
        opts=pulumi.ResourceOptions(parent=parent),
    )


def tier_of(sku: str) -> str:
    """Return the tier of a size such as Standard_B1ms."""
    return TIERS[sku.removeprefix("Standard_")[0]]


def firewall_rules(settings: Settings) -> list[tuple[str, str]]:
    """Return name and address of each firewall rule. To Azure 0.0.0.0 means every Azure address, of any customer."""
    if settings.private:
        return []  # Azure accepts rules for a server without a public address, but they have no effect
    azure = [("allow-azure", "0.0.0.0")] if settings.allow_azure_services else []  # noqa: S104 - bound nowhere
    return azure + [(f"allow-{ip.replace('.', '-')}", ip) for ip in settings.allowed_ips]
