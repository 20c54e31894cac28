"""The databases of the played Azure are in the laptop's PostgreSQL: what a client puts is made there.

https://learn.microsoft.com/azure/postgresql/flexible-server/concepts-servers
"""

from dataclasses import dataclass

from psycopg2 import sql

from tests.azure_fakes.arm_ids import is_type
from tests.azure_fakes.azure import Resource
from tests.azure_fakes.flexible_server import KIND
from tests.databases import administering


@dataclass
class PostgresData:
    """`url`: the administrator's URL of the server that stands for Azure's."""

    url: str

    def __call__(self, resource: Resource) -> None:
        """Make the administrator of a server, and a database."""
        if is_type(resource.id, KIND):
            self.make_login(resource.value("properties.administratorLogin"), resource)
        elif is_type(resource.id, f"{KIND}/databases"):
            self.make_database(resource.name)

    def make_login(self, login: str | None, resource: Resource) -> None:
        password = resource.value("properties.administratorLoginPassword")
        if not login or not password:
            return
        with administering(self.url) as cursor:
            cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [login])
            verb = "ALTER" if cursor.fetchone() else "CREATE"
            statement = sql.SQL(verb + " ROLE {} LOGIN SUPERUSER PASSWORD {}")
            cursor.execute(statement.format(sql.Identifier(login), sql.Literal(password)))

    def make_database(self, name: str) -> None:
        with administering(self.url) as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
            if cursor.fetchone() is None:
                cursor.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
