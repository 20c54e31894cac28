"""migrate, between two real servers."""

import contextlib
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest

from jobs import migrate
from jobs.failure import Failure
from jobs.pg_dump import variables
from jobs.postgres import connected

METHODS = pytest.mark.parametrize("method", migrate.METHODS)


def rows(url: str) -> list[tuple[int, str, str, str]]:
    with connected(url) as db, db.cursor() as cursor:
        cursor.execute("SELECT id, filepath, emotion, vector::text FROM imagenes_fer ORDER BY id")
        return cursor.fetchall()


def execute(url: str, *statements: str) -> None:
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
