"""A source without the table: what was looked for, where, and where there is one."""

from collections.abc import Iterator
from contextlib import suppress

from psycopg2.extensions import make_dsn

from jobs.errors import ErrorKind, JobError
from jobs.postgres.connection import Database, connection_params, fetch_value, open_connection
from jobs.postgres.statement_errors import ServerConnection

SCHEMAS = """
SELECT coalesce(array_agg(nspname::text ORDER BY 1), '{}') FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
WHERE relname = 'imagenes_fer' AND relkind IN ('r', 'p', 'v', 'm', 'f')
"""
DATABASES = """
SELECT coalesce(array_agg(datname::text ORDER BY 1), '{}') FROM pg_database
WHERE datallowconn AND NOT datistemplate AND datname <> current_database()
AND has_database_privilege(oid, 'CONNECT')
"""
MAX_DATABASES = 20


def missing_table_error(source: ServerConnection, database: Database) -> JobError:
    """The error for a source without the table. Looks into its other schemas, and its server's other databases."""
    looked = ", ".join(fetch_value(source, "SELECT current_schemas(false)")) or "none"
    missing = f"The source {source.address} has no table imagenes_fer in the schemas of its search_path ({looked})"
    schemas = fetch_value(source, SCHEMAS)
    if schemas:
        return JobError(
            f"{missing}, and one in the schema {', '.join(schemas)}: add `options=-csearch_path%3D{schemas[0]}` to the "
            "URL of `--source`, after `?` or `&`.",
            ErrorKind.not_found,
        )
    names = list(find_databases(source, database))
    if names:
        return JobError(
            f"{missing}; of the same server, the database {', '.join(names)} has one: name it in `--source URL`.",
            ErrorKind.not_found,
        )
    return JobError(
        f"{missing}, nor in another schema or database that you may read: run `python -m jobs embed DIR`, or name the "
        "database that has it with `--source URL`.",
        ErrorKind.not_found,
    )


def find_databases(source: ServerConnection, database: Database) -> Iterator[str]:
    """Other databases of the same server that have the table, among the first that the login may open."""
    for name in fetch_value(source, DATABASES)[:MAX_DATABASES]:
        with suppress(JobError), open_connection(make_dsn(**connection_params(database) | {"dbname": name})) as other:
            if fetch_value(other, SCHEMAS):
                yield name
