"""migrate between two real servers: the tables are equal afterwards, whatever the target had or the run before left."""

import contextlib
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest
from psycopg2.extensions import ISOLATION_LEVEL_REPEATABLE_READ

from jobs.errors import JobError
from jobs.migrate import fingerprint
from jobs.migrate import run as migrate
from jobs.migrate.parts import CREATE_STAGING, Transfer, copy_parts, split_table
from jobs.migrate.pg_dump import libpq_environment
from jobs.postgres.connection import Database, fetch_value, open_connection
from tests.databases import execute
from tests.jobs.migrate.forty_rows import fill, rows

METHODS = pytest.mark.parametrize("method", migrate.METHODS)


@METHODS
def test_both_tables_are_equal_and_new_ids_go_on(filled_url: str, cloud_url: str, method: str) -> None:
    result = migrate.migrate_table(filled_url, cloud_url, method)
    assert (result.rows, result.identical) == (40, True)
    assert rows(cloud_url) == rows(filled_url)
    execute(
        cloud_url,
        "INSERT INTO imagenes_fer (filepath, emotion, vector) SELECT 'a/b', 'a', vector FROM imagenes_fer LIMIT 1",
    )
    assert rows(cloud_url)[-1][0] == 41


@METHODS
def test_a_second_time_makes_equal_whatever_changed(filled_url: str, cloud_url: str, method: str) -> None:
    migrate.migrate_table(filled_url, cloud_url, method)
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
    assert migrate.migrate_table(filled_url, cloud_url, method).rows == 39
    assert rows(cloud_url) == rows(filled_url)


def test_only_parts_that_differ_are_copied(filled_url: str, cloud_url: Database) -> None:
    fill(filled_url, 40, first=5000)  # in a part of their own
    assert migrate.migrate_table(filled_url, cloud_url).copied == 80
    assert migrate.migrate_table(filled_url, cloud_url).copied == 0
    execute(filled_url, "UPDATE imagenes_fer SET emotion = 'bored' WHERE id = 1")
    result = migrate.migrate_table(filled_url, cloud_url)
    assert (result.rows, result.copied, result.identical) == (80, 40, True)
    assert rows(cloud_url) == rows(filled_url)


def test_a_run_that_failed_goes_on_where_it_stopped(filled_url: str, cloud_url: Database) -> None:
    """Parts that were staged stay; those that the source has changed since are copied again."""
    fill(filled_url, 40, first=5000)
    fill(filled_url, 40, first=9000)
    execute(cloud_url, CREATE_STAGING, "ALTER TABLE migrate_staging ADD CHECK (id < 9000)")
    with pytest.raises(JobError, match="violates check constraint"):
        migrate.migrate_table(filled_url, cloud_url)
    assert rows(cloud_url) == []
    with open_connection(cloud_url) as db:
        assert fetch_value(db, "SELECT count(*) FROM migrate_part") == 2
    execute(cloud_url, "ALTER TABLE migrate_staging DROP CONSTRAINT migrate_staging_id_check")
    execute(filled_url, "UPDATE imagenes_fer SET emotion = 'bored' WHERE id = 5001")
    result = migrate.migrate_table(filled_url, cloud_url)
    assert (result.rows, result.copied) == (120, 80)
    assert rows(cloud_url) == rows(filled_url)
    with open_connection(cloud_url) as db:
        assert fetch_value(db, "SELECT to_regclass('migrate_staging')") is None


def test_every_connection_sees_the_source_at_one_moment(filled_url: str, cloud_url: Database) -> None:
    execute(cloud_url, CREATE_STAGING)
    with open_connection(filled_url) as source:
        source.set_session(isolation_level=ISOLATION_LEVEL_REPEATABLE_READ, readonly=True)
        before = fingerprint.table_fingerprint(source, fingerprint.MD5)
        snapshot = str(fetch_value(source, "SELECT pg_export_snapshot()"))
        execute(
            filled_url,
            "UPDATE imagenes_fer SET emotion = 'bored' WHERE id < 20",
            "DELETE FROM imagenes_fer WHERE id = 30",
        )
        transfer = Transfer(filled_url, cloud_url, snapshot, fingerprint.MD5)
        results = copy_parts(transfer, split_table(source), lambda steps: None)
    assert fingerprint.sum_fingerprints(each.fingerprint for each in results) == before
    with open_connection(cloud_url) as target:
        assert fingerprint.table_fingerprint(target, fingerprint.MD5, "migrate_staging") == before


def test_rows_without_an_order_or_with_gaps(filled_url: str, cloud_url: Database) -> None:
    execute(filled_url, "UPDATE imagenes_fer SET id = -id WHERE id % 3 = 0")
    execute(filled_url, "UPDATE imagenes_fer SET id = id * 1000000000000 WHERE id % 5 = 0")
    assert migrate.migrate_table(filled_url, cloud_url).rows == 40
    assert rows(cloud_url) == rows(filled_url)


def test_two_rows_that_swapped_their_names(filled_url: str, cloud_url: str) -> None:
    migrate.migrate_table(filled_url, cloud_url)
    one, two = (row[1] for row in rows(filled_url)[:2])
    for name, id in (("//", 1), (one, 2), (two, 1)):
        execute(filled_url, f"UPDATE imagenes_fer SET filepath = '{name}' WHERE id = {id}")
    migrate.migrate_table(filled_url, cloud_url)
    assert rows(cloud_url) == rows(filled_url)


def test_what_filled_the_table_is_copied(filled_url: str, cloud_url: str) -> None:
    migrate.migrate_table(filled_url, cloud_url)
    record = []
    for url in (filled_url, cloud_url):
        with open_connection(url) as db, db.cursor() as cursor:
            cursor.execute("SELECT weights, weights_sha256, precision, last_id FROM embedding")
            record.append(cursor.fetchall())
    assert record[0] == record[1] != []


def test_an_unavailable_server_is_reported(filled_url: str) -> None:
    with pytest.raises(JobError, match=r"127\.0\.0\.1:1/"):
        migrate.migrate_table(filled_url, "postgresql://postgres:secret@127.0.0.1:1/fer_vct")
    with pytest.raises(JobError, match="postgresql://USER"):
        migrate.migrate_table("no url at all", filled_url)


def test_the_password_is_in_no_argument_list(filled_url: str, cloud_url: str) -> None:
    seen: set[str] = set()
    with ThreadPoolExecutor(1) as pool:
        work = pool.submit(migrate.migrate_table, filled_url, cloud_url, "pg_dump")
        while not work.done():
            for child in psutil.Process().children(recursive=True):
                with contextlib.suppress(psutil.Error):
                    seen.add(" ".join(child.cmdline()))
    assert work.result().identical
    assert any("pg_dump" in line for line in seen)
    assert not any(libpq_environment(url)["PGPASSWORD"] in line for url in (filled_url, cloud_url) for line in seen)
