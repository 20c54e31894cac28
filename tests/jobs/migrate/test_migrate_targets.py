"""migrate to a table that others created, changed or use in a view: adopted, replaced, or left as it was."""

import pytest

from jobs.errors import JobError
from jobs.migrate.run import METHODS, migrate_table
from jobs.postgres.connection import fetch_value, open_connection
from tests.databases import execute
from tests.jobs.migrate.forty_rows import rows


def test_a_table_created_by_hand_is_adopted(filled_url: str, cloud_url: str) -> None:
    """The paths of the original system's table are not unique."""
    execute(
        cloud_url,
        "DROP TABLE imagenes_fer, embedding, embedded_picture, schema_migration CASCADE",
        "CREATE TABLE imagenes_fer (id bigserial PRIMARY KEY, filepath VARCHAR(255) NOT NULL, "
        "emotion VARCHAR(50) NOT NULL, vector VECTOR(512))",
    )
    migrate_table(filled_url, cloud_url)
    assert rows(cloud_url) == rows(filled_url)


def test_an_added_column_is_reported_and_the_next_run_works(filled_url: str, cloud_url: str) -> None:
    execute(cloud_url, "ALTER TABLE imagenes_fer ADD COLUMN note text NOT NULL")
    for method in METHODS:
        with pytest.raises(JobError, match=r'column note is NOT NULL.*ALTER COLUMN "note" DROP NOT NULL'):
            migrate_table(filled_url, cloud_url, method)
    execute(cloud_url, "ALTER TABLE imagenes_fer DROP COLUMN note")
    migrate_table(filled_url, cloud_url)
    assert rows(cloud_url) == rows(filled_url)


def test_the_sentence_about_a_changed_table_ends_that_state_and_loses_no_row(filled_url: str, cloud_url: str) -> None:
    migrate_table(filled_url, cloud_url)
    execute(cloud_url, "ALTER TABLE imagenes_fer ADD COLUMN note text NOT NULL DEFAULT 'mine'")
    execute(cloud_url, "ALTER TABLE imagenes_fer ALTER note DROP DEFAULT")
    execute(filled_url, "UPDATE imagenes_fer SET emotion = 'bored'")
    with pytest.raises(JobError, match="column note is NOT NULL") as refused:
        migrate_table(filled_url, cloud_url)
    assert rows(cloud_url) != rows(filled_url)  # nothing was changed
    execute(cloud_url, str(refused.value).partition("run this SQL: ")[2])
    assert migrate_table(filled_url, cloud_url).rows == 40
    assert rows(cloud_url) == rows(filled_url)


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE imagenes_fer ALTER id TYPE int",
        "ALTER TABLE imagenes_fer ALTER id ADD GENERATED ALWAYS AS IDENTITY",
    ],
)
def test_another_type_of_id_is_filled(filled_url: str, cloud_url: str, statement: str) -> None:
    execute(cloud_url, "DROP SEQUENCE imagenes_fer_id_seq CASCADE" if "IDENTITY" in statement else "SELECT 1")
    execute(cloud_url, statement)
    for method in METHODS:
        assert migrate_table(filled_url, cloud_url, method).identical
    assert rows(cloud_url) == rows(filled_url)


def test_a_dropped_table_is_created_again(filled_url: str, cloud_url: str) -> None:
    migrate_table(filled_url, cloud_url)
    execute(cloud_url, "DROP TABLE imagenes_fer CASCADE", "CREATE TABLE migrate_staging (vector vector(128))")
    migrate_table(filled_url, cloud_url)
    assert rows(cloud_url) == rows(filled_url)


def test_an_empty_table_is_replaced_with_all_that_belongs_to_it(filled_url: str, cloud_url: str) -> None:
    execute(cloud_url, "CREATE ROLE reader_of_the_tests", "GRANT SELECT ON imagenes_fer TO reader_of_the_tests, PUBLIC")
    try:
        before = shape(cloud_url)
        migrate_table(filled_url, cloud_url)
        assert shape(cloud_url) == before
    finally:
        execute(cloud_url, "DROP OWNED BY reader_of_the_tests", "DROP ROLE reader_of_the_tests")


def test_a_table_with_views_is_not_replaced(filled_url: str, cloud_url: str) -> None:
    execute(cloud_url, "CREATE VIEW happy AS SELECT * FROM imagenes_fer WHERE emotion = 'happy'")
    migrate_table(filled_url, cloud_url)
    assert rows(cloud_url) == rows(filled_url)
    with open_connection(cloud_url) as db:
        assert fetch_value(db, "SELECT count(*) FROM happy") == 40


def shape(url: str) -> list[object]:
    """The table's columns, indexes, constraints, options and sequence."""
    queries = (
        "SELECT attname, attnum, format_type(atttypid, atttypmod), attnotnull, pg_get_expr(adbin, adrelid) "
        "FROM pg_attribute LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum "
        "WHERE attrelid = 'imagenes_fer'::regclass AND attnum > 0 ORDER BY attnum",
        "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index "
        "WHERE indrelid = 'imagenes_fer'::regclass ORDER BY 1",
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE contype <> 'n' AND "
        "'imagenes_fer'::regclass IN (conrelid, confrelid) ORDER BY 1",
        "SELECT reloptions, relowner::regrole::text, relpersistence, ARRAY(SELECT x::text FROM unnest(relacl) x "
        "ORDER BY 1) FROM pg_class WHERE oid = 'imagenes_fer'::regclass",
        "SELECT pg_get_serial_sequence('imagenes_fer', 'id')",
    )
    properties: list[object] = []
    with open_connection(url) as db, db.cursor() as cursor:
        for query in queries:
            cursor.execute(query)
            properties.append(cursor.fetchall())
    return properties


def test_a_target_that_does_not_become_equal_stays_as_it_was(filled_url: str, cloud_url: str) -> None:
    execute(
        cloud_url,
        "CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN NEW.emotion := 'spoilt'; RETURN NEW; END $$",
        "CREATE TRIGGER spoil BEFORE INSERT ON imagenes_fer FOR EACH ROW EXECUTE FUNCTION spoil()",
    )
    with pytest.raises(JobError, match="differs"):
        migrate_table(filled_url, cloud_url)
    assert rows(cloud_url) == []
