"""Upgrade a database's schema: run `migrations/*.sql` in order, each in one transaction with its own record."""

from collections.abc import Iterable
from pathlib import Path

import psycopg2
from psycopg2.extensions import connection

from jobs.errors import ErrorKind, JobError
from jobs.libpq import error_reason
from jobs.postgres.columns import Fix, Problem, describe, require_columns
from jobs.postgres.connection import fetch_value
from jobs.postgres.roles import grant_rights

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
        DROP TABLE IF EXISTS embedded_picture, embedding, unreadable_picture, migrate_staging, migrate_part;
        DELETE FROM schema_migration;
    END IF;
END
$$
"""
IS_CONNECTED = """
SELECT EXISTS (
    SELECT FROM pg_constraint WHERE conrelid = to_regclass('embedded_picture') AND contype = 'f'
    AND confrelid = to_regclass('imagenes_fer')
)
"""
# The migrations ran for a table that was dropped or renamed since. What they add, the table in its place lacks.
CONNECT = """
UPDATE embedding SET table_oid = NULL;
ALTER TABLE embedded_picture DROP CONSTRAINT IF EXISTS embedded_picture_image_id_fkey;
DELETE FROM embedded_picture e WHERE NOT EXISTS (SELECT FROM imagenes_fer i WHERE i.id = e.image_id);
ALTER TABLE embedded_picture ADD CONSTRAINT embedded_picture_image_id_fkey
    FOREIGN KEY (image_id) REFERENCES imagenes_fer (id) ON DELETE CASCADE;
ALTER TABLE imagenes_fer SET (toast_tuple_target = 8160);
ALTER TABLE imagenes_fer
    ALTER COLUMN filepath SET NOT NULL, ALTER COLUMN emotion SET NOT NULL, ALTER COLUMN vector SET NOT NULL;
"""
HAS_UNIQUE_PATHS = """
SELECT EXISTS (
    SELECT FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attname = 'filepath'
    WHERE indrelid = 'imagenes_fer'::regclass AND indisunique AND indisvalid AND indpred IS NULL
    AND indnkeyatts = 1 AND indkey[0] = a.attnum
)
"""
UNKNOWN = "SELECT name FROM schema_migration WHERE name ~ '^[0-9]{4}_[a-z_]+$' AND name <> ALL (%s) ORDER BY name"
EMPTY_FIELDS = "DELETE FROM imagenes_fer WHERE filepath IS NULL OR emotion IS NULL OR vector IS NULL"


def upgrade_schema(db: connection) -> list[str]:
    """Run the migrations that have not run yet; returns their names. Two upgrades at once wait for each other.

    Raises JobError if the table has columns that cannot be written to, if rows are invalid, if a newer version of this
    project has upgraded the database, or if the server refuses, for example because it does not allow pgvector. Nothing
    is changed then.
    """
    problems = require_columns(db)
    migrations = sorted(MIGRATIONS.glob("*.sql"))
    prepare_upgrade(db)
    require_known_migrations(db, migrations)
    db.commit()
    widen_columns(db, problems)
    db.commit()
    names = []
    for path in migrations:
        if apply_migration(db, path):
            names.append(path.stem)
        db.commit()
    connect_table(db)
    grant_rights(db)
    db.commit()
    return names


def prepare_upgrade(db: connection) -> None:
    """Let nobody else upgrade in this transaction, and forget the migrations of a table that was dropped."""
    with db.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('schema_migration'))")
        cursor.execute(CREATE_RECORD_TABLE)
        cursor.execute(RESET_IF_DROPPED)


def require_known_migrations(db: connection, migrations: Iterable[Path]) -> None:
    """Raise JobError if a migration ran here that this version does not have: it may have changed what rows mean."""
    with db.cursor() as cursor:
        cursor.execute(UNKNOWN, ([path.stem for path in migrations],))
        unknown = ", ".join(name for (name,) in cursor.fetchall())
    if unknown:
        raise JobError(
            f"A newer version of this project has upgraded this database ({unknown}): use that version (`git pull`).",
            ErrorKind.conflict,
        )


def widen_columns(db: connection, problems: Iterable[Problem]) -> None:
    """Run the SQL of problems that `require_columns` allowed. Raises JobError if the table's rows or views prevent it.

    The caller commits.
    """
    for problem in problems:
        try:
            with db.cursor() as cursor:
                cursor.execute(problem.sql)
        except psycopg2.OperationalError:
            raise
        except psycopg2.Error as error:
            person = Problem(f"{problem.what} ({error_reason(error)})", problem.sql, Fix.person)
            raise JobError(describe([person]), ErrorKind.conflict) from error


def apply_migration(db: connection, path: Path) -> bool:
    """Run one migration unless its record exists; returns whether it ran. The caller commits."""
    with db.cursor() as cursor:
        cursor.execute("LOCK TABLE schema_migration IN EXCLUSIVE MODE")
        cursor.execute("SELECT 1 FROM schema_migration WHERE name = %s", (path.stem,))
        if cursor.fetchone() is not None:
            return False
        try:
            cursor.execute(path.read_text(encoding="utf-8"))
        except psycopg2.errors.IntegrityError as error:
            raise invalid_rows(error) from error
        except psycopg2.Error as error:
            raise JobError(
                f"The server refuses {path.name} ({error_reason(error)}): allow the extension VECTOR on the "
                "server, and name a database that has no such tables of its own.",
                ErrorKind.refused,
            ) from error
        cursor.execute("INSERT INTO schema_migration (name) VALUES (%s)", (path.stem,))
    return True


def connect_table(db: connection) -> None:
    """Give a table that took the place of another one what the migrations gave that: keys and NOT NULL.

    The record then describes no table, until it is proved. The caller commits.
    """
    if fetch_value(db, IS_CONNECTED):
        return
    try:
        with db.cursor() as cursor:
            if not fetch_value(db, HAS_UNIQUE_PATHS):
                cursor.execute("CREATE UNIQUE INDEX ON imagenes_fer (filepath)")
            cursor.execute(CONNECT)
    except psycopg2.errors.IntegrityError as error:
        raise invalid_rows(error) from error


def invalid_rows(error: psycopg2.Error) -> JobError:
    """The error for rows that the table's keys do not allow, with what ends it."""
    reason = error_reason(error)
    if isinstance(error, psycopg2.errors.UniqueViolation):
        detail = error_reason(error.diag.message_detail or reason)
        way = "`python -m jobs adopt DIR --keep-one` keeps one row of each path"
        return JobError(f"Several rows of imagenes_fer have the same path ({detail}): {way}.", ErrorKind.conflict)
    return JobError(
        f"Some rows of imagenes_fer are invalid ({reason}): delete them with the SQL {EMPTY_FIELDS}; then run the same "
        "command again.",
        ErrorKind.conflict,
    )
