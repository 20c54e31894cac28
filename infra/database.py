"""The PostgreSQL server with pgvector, its database, and who may knock at it."""

import pulumi
from pulumi_azure_native import dbforpostgresql, resources
from pulumi_random import RandomPassword
from settings import Settings

PORT = 5432
NAME = "fer_vct"
TIERS = {"B": "Burstable", "D": "GeneralPurpose", "E": "MemoryOptimized"}
PASSWORD_LENGTH = 40


class Database(pulumi.ComponentResource):
    """Server, allowed extension, database and firewall rules, made strictly one after the other."""

    def __init__(self, name: str, *, group: resources.ResourceGroup, settings: Settings, tenant_id: str) -> None:
        super().__init__("vector-lake:infra:Database", name)
        self.group, self.settings = group, settings
        self.password = random_password(self).result  # a secret output by the provider's own word
        self.server = self._server(tenant_id)
        self._made: list[pulumi.Resource] = [self.server]
        self._extension()
        self.database = self._database()
        for rule, address in firewall(settings):
            self._firewall_rule(rule, address)
        self.register_outputs({})

    def _server(self, tenant_id: str) -> dbforpostgresql.Server:
        settings = self.settings
        return dbforpostgresql.Server(
            "server",
            server_name=settings.postgres_server,
            resource_group_name=self.group.name,
            location=settings.database_location,
            version=settings.postgres_version,
            sku=dbforpostgresql.SkuArgs(name=settings.postgres_sku, tier=tier(settings.postgres_sku)),
            storage=dbforpostgresql.StorageArgs(storage_size_gb=32, tier="P4", auto_grow="Disabled"),
            administrator_login=settings.postgres_user,
            administrator_login_password=self.password,
            auth_config=dbforpostgresql.AuthConfigArgs(
                active_directory_auth="Enabled",
                password_auth="Enabled",  # noqa: S106 - a switch, no password
                tenant_id=tenant_id,
            ),
            backup=dbforpostgresql.BackupArgs(backup_retention_days=7, geo_redundant_backup="Disabled"),
            high_availability=dbforpostgresql.HighAvailabilityArgs(mode="Disabled"),  # burstable sizes refuse it
            network=dbforpostgresql.NetworkArgs(public_network_access="Enabled"),
            tags=settings.tags,
            opts=pulumi.ResourceOptions(parent=self),
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
        self._made.append(extension)

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
        self._made.append(database)
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
        self._made.append(rule)

    def _next(self) -> pulumi.ResourceOptions:
        # A server does one thing at a time and refuses a second with ServerIsBusy, deletions too: each child waits for
        # all before it, and none is deleted by itself when the server goes.
        return pulumi.ResourceOptions(parent=self, depends_on=list(self._made), deleted_with=self.server)


def tier(sku: str) -> str:
    """The tier that a size such as Standard_B1ms belongs to."""
    return TIERS[sku.removeprefix("Standard_")[0]]


def random_password(parent: pulumi.Resource) -> RandomPassword:
    """A password for the server's administrator.

    Azure refuses one that holds three characters in a row of the login. With two letters in all, and a login without
    digits, that cannot happen. The special characters need no quoting in URLs and connection strings.
    """
    return RandomPassword(
        "password",
        length=PASSWORD_LENGTH,
        min_lower=1,
        min_upper=1,
        min_numeric=PASSWORD_LENGTH // 2,
        min_special=PASSWORD_LENGTH // 2 - 2,
        override_special="!*-.~",
        opts=pulumi.ResourceOptions(parent=parent),
    )


def firewall(settings: Settings) -> list[tuple[str, str]]:
    """Name and address of each firewall rule. Azure reads 0.0.0.0 as every address of Azure, whoever rents it."""
    azure = [("allow-azure", "0.0.0.0")] if settings.allow_azure_services else []  # noqa: S104 - bound nowhere
    return azure + [(f"allow-{ip.replace('.', '-')}", ip) for ip in settings.allowed_ips]
