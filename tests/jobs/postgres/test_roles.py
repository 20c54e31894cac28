"""What the roles `lake_reader` and `lake_writer` may do, and above all what the server refuses them."""

from collections.abc import Iterator
from dataclasses import replace

import psycopg2
import pytest

from jobs.errors import JobError
from jobs.local.services import postgres_server
from jobs.migrate.run import migrate_table
from jobs.pipeline.run import run_pipeline
from jobs.postgres.roles import create_logins, map_factory
from jobs.target import Target
from tests.databases import administering, execute
from tests.jobs.migrate.forty_rows import fill

NEW_ID = "nextval(pg_get_serial_sequence('imagenes_fer', 'id')) + 100"
INSERT = f"INSERT INTO imagenes_fer VALUES ({NEW_ID}, 'happy/new', 'happy', array_fill(1, ARRAY[512])::vector)"
UPDATE, DELETE = "UPDATE imagenes_fer SET emotion = 'sad' WHERE id = 1", "DELETE FROM imagenes_fer WHERE id = 2"
READS = ["SELECT id, filepath, emotion, vector::text FROM imagenes_fer", "SELECT weights FROM embedding"]
WRITES = [INSERT, UPDATE, DELETE, "UPDATE embedding SET last_id = 41", "DELETE FROM embedded_picture"]
NOBODY = [
    "DROP TABLE imagenes_fer",
    "TRUNCATE imagenes_fer",
    "ALTER TABLE imagenes_fer ADD COLUMN more text",
    "CREATE INDEX ON imagenes_fer (emotion)",
    "CREATE TABLE mine (id int)",
    "CREATE SCHEMA mine",
    "CREATE ROLE mine",
    "CREATE DATABASE mine",
    "SELECT text FROM passage",
    "DELETE FROM schema_migration",
    "SELECT secret FROM elsewhere.kept",
    "SELECT rolpassword FROM pg_authid",
    "SELECT pg_read_file('/etc/passwd')",
    "COPY imagenes_fer TO PROGRAM 'cat'",
    "SET ROLE postgres",
    "ALTER SYSTEM SET work_mem = '1MB'",
]
CREATE_PRINCIPAL = """
CREATE FUNCTION pgaadauth_create_principal_with_oid(name text, oid text, kind text, admin bool, mfa bool) RETURNS text
LANGUAGE plpgsql AS $$
BEGIN
    ASSERT NOT admin AND NOT mfa AND kind = 'service' AND oid = 'principal-1';
    EXECUTE format('CREATE ROLE %I LOGIN PASSWORD %L', name, 'token');
    RETURN '';
END
$$
"""


@pytest.fixture
def filled(target: Target) -> Target:
    """The target with 40 rows, and a schema of somebody else."""
    fill(target.postgres_url(target.postgres_password), 40)
    execute(target, "CREATE SCHEMA elsewhere", "CREATE TABLE elsewhere.kept AS SELECT 1 AS secret")
    return target


def log_in(target: Target, role: str) -> Target:
    """The target with a role's login in place of the administrator's."""
    password = target.postgres_reader_password if role == "lake_reader" else target.postgres_writer_password
    return replace(target, postgres_user=role, postgres_password=password)


def is_refused(target: Target, statement: str) -> bool:
    """Whether the server refuses a statement because of its rights."""
    db = psycopg2.connect(target.postgres_url(target.postgres_password))
    db.autocommit = True  # some refuse to run in a transaction
    try:
        db.cursor().execute(statement)
    except psycopg2.errors.InsufficientPrivilege:
        return True
    finally:
        db.close()
    return False


def test_a_reader_reads_the_table_and_does_nothing_else(filled: Target) -> None:
    reader = log_in(filled, "lake_reader")
    assert [each for each in READS if is_refused(reader, each)] == []
    assert [each for each in WRITES + NOBODY if not is_refused(reader, each)] == []


def test_a_writer_changes_rows_and_does_nothing_else(filled: Target) -> None:
    writer = log_in(filled, "lake_writer")
    assert [each for each in READS + WRITES if is_refused(writer, each)] == []
    assert [each for each in NOBODY if not is_refused(writer, each)] == []


def test_the_pipeline_logs_in_as_the_reader(filled: Target) -> None:
    wrong = replace(filled, postgres_reader_password="wrong")
    failed = run_pipeline(wrong, "PL_Migrar_Datos_FER", {})
    assert "does not accept the password of lake_reader" in str(failed.error)
    # A table that an older version made, or somebody restored.
    execute(filled, "REVOKE ALL ON imagenes_fer FROM lake_reader")
    assert run_pipeline(filled, "PL_Migrar_Datos_FER", {}).status == "Succeeded"


def test_migrate_sets_the_passwords_of_the_outputs(filled_url: str, target: Target) -> None:
    rotated = replace(target, postgres_reader_password="another!-", postgres_writer_password="one more")
    try:
        migrate_table(filled_url, rotated)
        assert not is_refused(log_in(rotated, "lake_reader"), READS[0])
        assert not is_refused(log_in(rotated, "lake_writer"), DELETE)
        with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
            is_refused(log_in(target, "lake_reader"), READS[0])
    finally:
        create_logins(target)
    assert not is_refused(log_in(target, "lake_reader"), READS[0])


def test_a_login_that_may_not_create_roles_is_one_sentence(target: Target) -> None:
    with pytest.raises(JobError, match=r"may not create roles .*: use the stack's administrator"):
        create_logins(replace(log_in(target, "lake_writer"), postgres_reader_password="another"))


def test_a_stack_without_these_outputs_is_left_alone(target: Target) -> None:
    create_logins(replace(target, postgres_reader_user="", postgres_password="not even asked"))


@pytest.fixture
def entra(services: Target) -> Iterator[None]:
    """The function of Azure's PostgreSQL that creates a login for an identity of Entra, played."""
    admin = postgres_server("cloud").url("postgres")
    with administering(admin) as cursor:
        cursor.execute(CREATE_PRINCIPAL)
    yield
    with administering(admin) as cursor:
        cursor.execute("DROP FUNCTION pgaadauth_create_principal_with_oid")
        cursor.execute('DROP ROLE "adf-fer"')


def test_without_passwords_data_factory_is_a_reader(filled: Target, entra: None) -> None:
    stack = replace(filled, factory_name="adf-fer", factory_principal_id="principal-1")
    map_factory(stack)
    map_factory(stack)
    factory = replace(stack, postgres_user="adf-fer", postgres_password="token")
    assert [each for each in READS if is_refused(factory, each)] == []
    assert [each for each in WRITES + NOBODY if not is_refused(factory, each)] == []
