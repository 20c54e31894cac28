"""The roles with few rights: `lake_reader` for Data Factory and for whatever only reads, `lake_writer` for rows.

The administrator owns the tables. Neither role creates, drops or alters anything, or sees another table.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import psycopg2
from psycopg2.extensions import connection, quote_ident

from jobs.errors import ErrorKind, JobError
from jobs.libpq import error_reason
from jobs.local.roles import READER, ROLES, WRITER
from jobs.postgres.connection import fetch_value, open_connection
from jobs.target import Target

# By role: what it may do, and to which tables. A table that somebody else made may be the only one.
RIGHTS = {
    READER: ("SELECT", ("imagenes_fer", "embedding")),
    WRITER: (
        "SELECT, INSERT, UPDATE, DELETE",
        ("imagenes_fer", "embedding", "embedded_picture", "unreadable_picture"),
    ),
}
UNGRANTED = """
SELECT name FROM unnest(%s) AS name
WHERE to_regclass(name) IS NOT NULL AND NOT has_table_privilege(%s, to_regclass(name), 'SELECT')
"""
USE_SCHEMA = "GRANT USAGE ON SCHEMA public TO lake_reader, lake_writer"
USE_IDS = "GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO lake_writer"
ROLE_EXISTS = "SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = %s)"
# https://learn.microsoft.com/azure/postgresql/security/security-manage-entra-users: by a role's name and object ID,
# neither an administrator of the server nor with multi-factor authentication. In the database postgres only.
CREATE_ENTRA_LOGIN = "SELECT pgaadauth_create_principal_with_oid(%s, %s, 'service', false, false)"


def grant_rights(db: connection) -> None:
    """Give the roles their rights on this database's tables, where the server has them. The caller commits."""
    if not all(fetch_value(db, ROLE_EXISTS, (role,)) for role in ROLES):
        return
    for role, (rights, tables) in RIGHTS.items():
        with db.cursor() as cursor:
            cursor.execute(UNGRANTED, (list(tables), role))
            for (table,) in cursor.fetchall():
                cursor.execute(f"{USE_SCHEMA}; {USE_IDS}; GRANT {rights} ON {table} TO {role}")


def create_logins(target: Target) -> None:
    """Create a stack's roles, and give them the passwords of its outputs; without passwords, Data Factory's login.

    Running it again sets changed passwords. Does nothing for a stack that was deployed before it had these outputs.
    Raises JobError where the login of the target may not create roles.
    """
    if not target.postgres_reader_user:
        return
    with open_connection(target) as db, explain_refusal(), db.cursor() as cursor:
        for role, password in passwords(target).items():
            if not fetch_value(db, ROLE_EXISTS, (role,)):
                cursor.execute(f"CREATE ROLE {role}")
            if password:
                cursor.execute(f"ALTER ROLE {role} LOGIN PASSWORD %s", (password,))
        db.commit()
    if target.postgres_auth == "entra":
        map_factory(target)


def as_reader(target: Target) -> Target:
    """The target with the login that only reads, where its outputs have one with a password; else with its own."""
    if not (target.postgres_reader_user and target.postgres_reader_password):
        return target
    user, password = target.postgres_reader_user, target.postgres_reader_password
    return replace(target, postgres_user=user, postgres_password=password)


def passwords(target: Target) -> dict[str, str]:
    return {READER: target.postgres_reader_password, WRITER: target.postgres_writer_password}


def map_factory(target: Target) -> None:
    """Let Data Factory's identity log in under the factory's name, as a reader."""
    with open_connection(replace(target, postgres_database="postgres")) as db, explain_refusal(), db.cursor() as cursor:
        if not fetch_value(db, ROLE_EXISTS, (target.factory_name,)):
            cursor.execute(CREATE_ENTRA_LOGIN, (target.factory_name, target.factory_principal_id))
        cursor.execute(f"GRANT {READER} TO {quote_ident(target.factory_name, db)}")
        db.commit()


@contextmanager
def explain_refusal() -> Iterator[None]:
    try:
        yield
    except psycopg2.errors.InsufficientPrivilege as error:
        reason = f"The database's login may not create roles ({error_reason(error)})"
        raise JobError(f"{reason}: use the stack's administrator.", ErrorKind.refused) from error
