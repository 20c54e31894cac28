"""Bring a database's schema up to date: `migrations/*.sql` in order, each in one transaction with its own record."""

from pathlib import Path

import psycopg2
from psycopg2.extensions import connection

from jobs.errors import JobError

MIGRATIONS = Path(__file__).parent / "migrations"
RECORD = """
CREATE TABLE IF NOT EXISTS schema_migration (name text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())
"""
# Who drops the table wants to begin again: what was recorded and staged for it, and that it was made, goes too. Only
# where these were made here: a table of such a name in somebody else's database is not touched.
FORGET = """
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
    """Apply what is not applied yet; the names of those applied now. Two at once wait for each other.

    Raises Failure when the server refuses one, pgvector not being allowed there, say.
    """
    with db.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('schema_migration'))")
        cursor.execute(RECORD)
        cursor.execute(FORGET)
    db.commit()
    return [path.stem for path in sorted(MIGRATIONS.glob("*.sql")) if apply_migration(db, path)]


def apply_migration(db: connection, path: Path) -> bool:
    """Run one migration unless its record is there; whether it ran."""
    with db.cursor() as cursor:
        cursor.execute("LOCK TABLE schema_migration IN EXCLUSIVE MODE")
        cursor.execute("SELECT 1 FROM schema_migration WHERE name = %s", (path.stem,))
        new = cursor.fetchone() is None
        if new:
            try:
                cursor.execute(path.read_text(encoding="utf-8"))
            except psycopg2.errors.IntegrityError as error:
                said = str(error).splitlines()[0]
                raise JobError(
                    f"imagenes_fer has rows that cannot stay ({said}): delete them, and run the same command again."
                ) from error
            except psycopg2.Error as error:
                said = str(error).splitlines()[0]
                raise JobError(
                    f"The server refuses {path.name} ({said}): allow the extension VECTOR there, and name a database "
                    "that has no such tables of its own."
                ) from error
            cursor.execute("INSERT INTO schema_migration (name) VALUES (%s)", (path.stem,))
    db.commit()
    return new
