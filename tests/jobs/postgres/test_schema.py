"""The schema on a server as on Azure, where administrators read each other's tables, and beside tables of others."""

import psycopg2
import pytest

from jobs.errors import JobError
from jobs.postgres.connection import open_connection
from jobs.postgres.schema import MIGRATIONS, upgrade_schema

READERS = (MIGRATIONS / "0003_readers.sql").read_text(encoding="utf-8")


@pytest.mark.parametrize("on_azure", [True, False])
def test_administrators_of_azure_may_read_the_table_and_nothing_more(laptop_url: str, on_azure: bool) -> None:
    db = psycopg2.connect(laptop_url)
    try:
        upgrade_schema(db)
        with db.cursor() as cursor:  # never committed: roles belong to the whole server
            cursor.execute("CREATE ROLE somebody")
            if on_azure:
                cursor.execute("CREATE ROLE azure_pg_admin")
                cursor.execute("GRANT azure_pg_admin TO somebody")
            cursor.execute(READERS)
            cursor.execute("SELECT has_table_privilege('somebody', 'imagenes_fer', 'SELECT')")
            assert cursor.fetchone() == (on_azure,)
            cursor.execute("SELECT has_table_privilege('somebody', 'imagenes_fer', 'UPDATE, DELETE, INSERT')")
            assert cursor.fetchone() == (False,)
    finally:
        db.rollback()
        db.close()


@pytest.mark.parametrize("row", ["NULL, 'sad', {}", "'sad/a.jpg', NULL, {}", "'sad/a.jpg', 'sad', NULL"])
def test_invalid_rows_are_refused(laptop_url: str, row: str) -> None:
    """The original system's table allows them."""
    with open_connection(laptop_url) as db, db.cursor() as cursor:
        cursor.execute("DROP TABLE embedded_picture, embedding, imagenes_fer, schema_migration")
        cursor.execute(
            "CREATE TABLE imagenes_fer (id bigserial PRIMARY KEY, filepath varchar(255) UNIQUE, emotion varchar(50), "
            "vector vector(512))"
        )
        vector = "array_fill(1, '{512}')::vector"
        cursor.execute(f"INSERT INTO imagenes_fer (filepath, emotion, vector) VALUES ({row.format(vector)})")
        db.commit()
        with pytest.raises(JobError, match=r"contains null values.*delete them"):
            upgrade_schema(db)
        db.rollback()
        cursor.execute("DELETE FROM imagenes_fer")
        db.commit()
        assert upgrade_schema(db)
        with pytest.raises(psycopg2.errors.NotNullViolation):
            cursor.execute(f"INSERT INTO imagenes_fer (filepath, emotion, vector) VALUES ({row.format(vector)})")


def test_a_dropped_table_is_created_again(filled_url: str) -> None:
    with open_connection(filled_url) as db, db.cursor() as cursor:
        cursor.execute("DROP TABLE imagenes_fer CASCADE")
        db.commit()
        assert upgrade_schema(db)
        for table in ("imagenes_fer", "embedded_picture", "embedding"):
            cursor.execute(f"SELECT count(*) FROM {table}")
            assert cursor.fetchone() == (0,)
        db.commit()
        assert not upgrade_schema(db)


def test_another_database_s_table_of_the_same_name_is_kept(laptop_url: str) -> None:
    with open_connection(laptop_url) as db, db.cursor() as cursor:
        cursor.execute("DROP TABLE embedded_picture, embedding, imagenes_fer, schema_migration")
        cursor.execute("CREATE TABLE embedding AS SELECT 'theirs' AS text")
        db.commit()
        for _ in range(2):
            with pytest.raises(JobError, match='"embedding" already exists'):
                upgrade_schema(db)
            db.rollback()
        cursor.execute("SELECT text FROM embedding")
        assert cursor.fetchone() == ("theirs",)
        cursor.execute("DROP TABLE imagenes_fer CASCADE")
        db.commit()
        with pytest.raises(JobError, match='"embedding" already exists'):
            upgrade_schema(db)
        db.rollback()
        cursor.execute("SELECT text FROM embedding")
        assert cursor.fetchone() == ("theirs",)
