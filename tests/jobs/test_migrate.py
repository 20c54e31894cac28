"""migrate, between two real servers."""

import contextlib
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest
from psycopg2.extensions import ISOLATION_LEVEL_REPEATABLE_READ

from jobs import migrate
from jobs.failure import Failure
from jobs.migrate import fingerprint
from jobs.migrate.parts import STAGING, Way, bring, parts_of
from jobs.pg_dump import variables
from jobs.postgres import Database, connected, one

FILL = """
INSERT INTO imagenes_fer (id, filepath, emotion, vector)
SELECT i, 'happy/' || i, 'happy', ARRAY(SELECT (random() - 0.5)::real FROM generate_series(1, 512) WHERE i > 0)::vector
FROM generate_series(%(first)s::bigint, %(last)s) i
"""
RECORD = "INSERT INTO embedding (weights, weights_sha256, precision, last_id) VALUES ('random', 'ab', 'fp32', %s)"

METHODS = pytest.mark.parametrize("method", migrate.METHODS)


@pytest.fixture
def filled_url(laptop_url: str) -> str:
    """A database of the test's own on the laptop's server, with 40 rows."""
    return fill(laptop_url, 40)


def fill(url: str, number: int, first: int = 1) -> str:
    """So many rows, from an id on."""
    with connected(url) as db, db.cursor() as cursor:
        cursor.execute("SELECT setseed(0.5)")
        cursor.execute(FILL, {"first": first, "last": first + number - 1})
        cursor.execute("DELETE FROM embedding")
        cursor.execute(RECORD, (first + number - 1,))
        db.commit()
    return url


def rows(url: Database) -> list[tuple[int, str, str, str]]:
    with connected(url) as db, db.cursor() as cursor:
        cursor.execute("SELECT id, filepath, emotion, vector::text FROM imagenes_fer ORDER BY id")
        return cursor.fetchall()


def execute(url: Database, *statements: str) -> None:
    with connected(url) as db, db.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
        db.commit()


@METHODS
def test_both_tables_are_equal_and_new_ids_go_on(filled_url: str, cloud_url: str, method: str) -> None:
    result = migrate.run(filled_url, cloud_url, method)
    assert (result.rows, result.identical) == (40, True)
    assert rows(cloud_url) == rows(filled_url)
    execute(
        cloud_url,
        "INSERT INTO imagenes_fer (filepath, emotion, vector) SELECT 'a/b', 'a', vector FROM imagenes_fer LIMIT 1",
    )
    assert rows(cloud_url)[-1][0] == 41


@METHODS
def test_a_second_time_makes_equal_whatever_changed(filled_url: str, cloud_url: str, method: str) -> None:
    migrate.run(filled_url, cloud_url, method)
    execute(
        filled_url,
        "DELETE FROM imagenes_fer WHERE id = 3",
        "UPDATE imagenes_fer SET filepath = '//' WHERE id = 4",
        "UPDATE imagenes_fer SET filepath = (SELECT filepath FROM imagenes_fer WHERE id = 5) || ' ' WHERE id = 4",
        "UPDATE imagenes_fer SET emotion = 'bored' WHERE id = 6",
    )
    execute(
        cloud_url,
        "UPDATE imagenes_fer SET vector = (SELECT vector FROM imagenes_fer WHERE id = 1) WHERE id = 2",
        "DELETE FROM imagenes_fer WHERE id = 7",
        "INSERT INTO imagenes_fer (filepath, emotion, vector) SELECT 'x/y', 'x', vector FROM imagenes_fer LIMIT 1",
    )
    assert migrate.run(filled_url, cloud_url, method).rows == 39
    assert rows(cloud_url) == rows(filled_url)


@METHODS
def test_an_empty_table_empties_the_targets(filled_url: str, cloud_url: str, method: str) -> None:
    migrate.run(filled_url, cloud_url, method)
    execute(filled_url, "DELETE FROM imagenes_fer")
    assert migrate.run(filled_url, cloud_url, method).rows == 0
    assert rows(cloud_url) == []


def test_only_what_differs_travels(filled_url: str, cloud_url: Database) -> None:
    fill(filled_url, 40, first=5000)  # in a part of their own
    assert migrate.run(filled_url, cloud_url).copied == 80
    assert migrate.run(filled_url, cloud_url).copied == 0
    execute(filled_url, "UPDATE imagenes_fer SET emotion = 'bored' WHERE id = 1")
    result = migrate.run(filled_url, cloud_url)
    assert (result.rows, result.copied, result.identical) == (80, 40, True)
    assert rows(cloud_url) == rows(filled_url)


def test_a_run_that_broke_off_goes_on_where_it_was(filled_url: str, cloud_url: Database) -> None:
    """Parts that were staged before stay; those that the source has changed since are brought again."""
    fill(filled_url, 40, first=5000)
    fill(filled_url, 40, first=9000)
    execute(cloud_url, STAGING, "ALTER TABLE migrate_staging ADD CHECK (id < 9000)")
    with pytest.raises(Failure, match="violates check constraint"):
        migrate.run(filled_url, cloud_url)
    assert rows(cloud_url) == []
    with connected(cloud_url) as db:
        assert one(db, "SELECT count(*) FROM migrate_part") == 2
    execute(cloud_url, "ALTER TABLE migrate_staging DROP CONSTRAINT migrate_staging_id_check")
    execute(filled_url, "UPDATE imagenes_fer SET emotion = 'bored' WHERE id = 5001")
    result = migrate.run(filled_url, cloud_url)
    assert (result.rows, result.copied) == (120, 80)
    assert rows(cloud_url) == rows(filled_url)
    with connected(cloud_url) as db:
        assert one(db, "SELECT to_regclass('migrate_staging')") is None


def test_every_connection_sees_the_source_at_one_moment(filled_url: str, cloud_url: Database) -> None:
    execute(cloud_url, STAGING)
    with connected(filled_url) as here:
        here.set_session(isolation_level=ISOLATION_LEVEL_REPEATABLE_READ, readonly=True)
        before = fingerprint.of(here, fingerprint.MD5)
        snapshot = str(one(here, "SELECT pg_export_snapshot()"))
        execute(
            filled_url,
            "UPDATE imagenes_fer SET emotion = 'bored' WHERE id < 20",
            "DELETE FROM imagenes_fer WHERE id = 30",
        )
        way = Way(filled_url, cloud_url, snapshot, fingerprint.MD5)
        brought = bring(way, parts_of(here), lambda steps: None)
    assert fingerprint.total(each.fingerprint for each in brought) == before
    with connected(cloud_url) as there:
        assert fingerprint.of(there, fingerprint.MD5, "migrate_staging") == before


def test_rows_without_an_order_or_with_gaps(filled_url: str, cloud_url: Database) -> None:
    execute(filled_url, "UPDATE imagenes_fer SET id = -id WHERE id % 3 = 0")
    execute(filled_url, "UPDATE imagenes_fer SET id = id * 1000000000000 WHERE id % 5 = 0")
    assert migrate.run(filled_url, cloud_url).rows == 40
    assert rows(cloud_url) == rows(filled_url)


def test_two_rows_that_swapped_their_names(filled_url: str, cloud_url: str) -> None:
    migrate.run(filled_url, cloud_url)
    one, two = (row[1] for row in rows(filled_url)[:2])
    for name, id in (("//", 1), (one, 2), (two, 1)):
        execute(filled_url, f"UPDATE imagenes_fer SET filepath = '{name}' WHERE id = {id}")
    migrate.run(filled_url, cloud_url)
    assert rows(cloud_url) == rows(filled_url)


def test_what_filled_the_table_travels_along(filled_url: str, cloud_url: str) -> None:
    migrate.run(filled_url, cloud_url)
    record = []
    for url in (filled_url, cloud_url):
        with connected(url) as db, db.cursor() as cursor:
            cursor.execute("SELECT weights, weights_sha256, precision, last_id FROM embedding")
            record.append(cursor.fetchall())
    assert record[0] == record[1] != []


def test_a_table_made_by_hand_is_taken_over(filled_url: str, cloud_url: str) -> None:
    """The original's table has no unique paths."""
    execute(
        cloud_url,
        "DROP TABLE imagenes_fer, embedding, embedded_picture, schema_migration CASCADE",
        "CREATE TABLE imagenes_fer (id bigserial PRIMARY KEY, filepath VARCHAR(255) NOT NULL, "
        "emotion VARCHAR(50) NOT NULL, vector VECTOR(512))",
    )
    migrate.run(filled_url, cloud_url)
    assert rows(cloud_url) == rows(filled_url)


def test_a_column_of_somebody_else_is_told_and_leaves_nothing_in_the_way(filled_url: str, cloud_url: str) -> None:
    execute(cloud_url, "ALTER TABLE imagenes_fer ADD COLUMN note text NOT NULL")
    for method in migrate.METHODS:
        with pytest.raises(Failure, match=r'null value in column "note".*take that back'):
            migrate.run(filled_url, cloud_url, method)
    execute(cloud_url, "ALTER TABLE imagenes_fer DROP COLUMN note")
    migrate.run(filled_url, cloud_url)
    assert rows(cloud_url) == rows(filled_url)


def test_a_table_that_somebody_dropped_is_made_again(filled_url: str, cloud_url: str) -> None:
    migrate.run(filled_url, cloud_url)
    execute(cloud_url, "DROP TABLE imagenes_fer CASCADE", "CREATE TABLE migrate_staging (vector vector(128))")
    migrate.run(filled_url, cloud_url)
    assert rows(cloud_url) == rows(filled_url)


def test_an_empty_table_is_replaced_with_all_that_belongs_to_it(filled_url: str, cloud_url: str) -> None:
    execute(cloud_url, "CREATE ROLE reader_of_the_tests", "GRANT SELECT ON imagenes_fer TO reader_of_the_tests, PUBLIC")
    try:
        before = shape(cloud_url)
        migrate.run(filled_url, cloud_url)
        assert shape(cloud_url) == before
    finally:
        execute(cloud_url, "DROP OWNED BY reader_of_the_tests", "DROP ROLE reader_of_the_tests")


def test_a_table_that_views_look_at_keeps_its_identity(filled_url: str, cloud_url: str) -> None:
    execute(cloud_url, "CREATE VIEW happy AS SELECT * FROM imagenes_fer WHERE emotion = 'happy'")
    migrate.run(filled_url, cloud_url)
    assert rows(cloud_url) == rows(filled_url)
    with connected(cloud_url) as db:
        assert one(db, "SELECT count(*) FROM happy") == 40


def shape(url: str) -> list[object]:
    """What there is about the table besides its rows."""
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
    found: list[object] = []
    with connected(url) as db, db.cursor() as cursor:
        for query in queries:
            cursor.execute(query)
            found.append(cursor.fetchall())
    return found


def test_a_target_that_will_not_become_equal_stays_as_it_was(filled_url: str, cloud_url: str) -> None:
    execute(
        cloud_url,
        "CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN NEW.emotion := 'spoilt'; RETURN NEW; END $$",
        "CREATE TRIGGER spoil BEFORE INSERT ON imagenes_fer FOR EACH ROW EXECUTE FUNCTION spoil()",
    )
    with pytest.raises(Failure, match="differs"):
        migrate.run(filled_url, cloud_url)
    assert rows(cloud_url) == []


def test_a_server_that_is_not_there_is_told(filled_url: str) -> None:
    with pytest.raises(Failure, match=r"127\.0\.0\.1:1/"):
        migrate.run(filled_url, "postgresql://postgres:secret@127.0.0.1:1/fer_vct")
    with pytest.raises(Failure, match="postgresql://USER"):
        migrate.run("no url at all", filled_url)


def test_the_password_stands_in_no_argument_list(filled_url: str, cloud_url: str) -> None:
    seen: set[str] = set()
    with ThreadPoolExecutor(1) as pool:
        work = pool.submit(migrate.run, filled_url, cloud_url, "pg_dump")
        while not work.done():
            for child in psutil.Process().children(recursive=True):
                with contextlib.suppress(psutil.Error):
                    seen.add(" ".join(child.cmdline()))
    assert work.result().identical
    assert any("pg_dump" in line for line in seen)
    assert not any(variables(url)["PGPASSWORD"] in line for url in (filled_url, cloud_url) for line in seen)
