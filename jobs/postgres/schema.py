"""Upgrade a database's schema: run `migrations/*.sql` in order, each in one transaction with its own record."""

from pathlib import Path

import psycopg2
from psycopg2.extensions import connection

from jobs.errors import ErrorKind, JobError
from jobs.postgres.errors import error_reason

MIGRATIONS = Path(__file__).parent / "migrations"
CREATE_RECORD_TABLE = """
CREATE TABLE IF NOT EXISTS schema_migration (name text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())
"""
# Somebody who drops the table wants to start again: its records, its staging tables and the list of migrations go too.
# Only in a database where these migrations ran: another's table of the same name is not touched.
RESET_IF_DROPPED = """
DO $$
BEGIN
    IF to_regclass('imagenes_fer') IS NULL AND EXISTS (SELECT FROM schema_migration WHERE name LIKE '0002%') THEN
        DROP TABLE IF EXISTS embedded_picture, embedding, migrate_staging, migrate_part;
        DELETE FROM schema_migration;
    END IF;
END
$$
"""


def upgrade_schema(db: connection) -> list[str]:
    """Run the migrations that have not run yet; returns their names. Two upgrades at once wait for each other.

    Raises JobError if the server refuses one, for example because it does not allow pgvector.
    """
    with db.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('schema_migration'))")
        cursor.execute(CREATE_RECORD_TABLE)
        cursor.execute(RESET_IF_DROPPED)
    db.commit()
    return [path.stem for path in sorted(MIGRATIONS.glob("*.sql")) if apply_migration(db, path)]


def apply_migration(db: connection, path: Path) -> bool:
    """Run one migration unless its record exists; returns whether it ran."""
    with db.cursor() as cursor:
        cursor.execute("LOCK TABLE schema_migration IN EXCLUSIVE MODE")
        cursor.execute("SELECT 1 FROM schema_migration WHERE name = %s", (path.stem,))
        new = cursor.fetchone() is None
        if new:
            try:
                cursor.execute(path.read_text(encoding="utf-8"))
            except psycopg2.errors.IntegrityError as error:
                raise JobError(
                    f"Some rows of imagenes_fer are invalid ({error_reason(error)}): delete them, then run the same "
                    "command again.",
                    ErrorKind.conflict,
                ) from error
            except psycopg2.Error as error:
                raise JobError(
                    f"The server refuses {path.name} ({error_reason(error)}): allow the extension VECTOR on the "
                    "server, and name a database that has no such tables of its own.",
                    ErrorKind.refused,
                ) from error
            cursor.execute("INSERT INTO schema_migration (name) VALUES (%s)", (path.stem,))
    db.commit()
    return new
