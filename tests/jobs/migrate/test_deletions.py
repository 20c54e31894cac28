"""What migrate adds, changes and deletes: counted, printed, and refused where the target would lose its rows."""

import json

import pytest

from jobs.entry import main
from jobs.errors import ErrorKind, JobError
from jobs.local.services import postgres_server
from jobs.migrate.run import METHODS, migrate_table
from jobs.postgres.connection import fetch_value, open_connection
from jobs.target import Target
from tests.databases import database_name, execute
from tests.jobs.migrate.forty_rows import fill, rows

EACH_METHOD = pytest.mark.parametrize("method", METHODS)
NEW_VECTORS = (
    "UPDATE imagenes_fer SET vector = ARRAY(SELECT random() FROM generate_series(1, 512) WHERE imagenes_fer.id > 0)"
)


def staging_tables(url: str) -> int:
    with open_connection(url) as db:
        return int(
            fetch_value(db, "SELECT count(*) FROM pg_class WHERE starts_with(relname, 'migrate') AND relkind = 'r'")
        )


@EACH_METHOD
@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM imagenes_fer",
        "DELETE FROM imagenes_fer WHERE id > 35",
        "UPDATE imagenes_fer SET id = id + 100, filepath = 'sad/' || id",
        "UPDATE imagenes_fer SET filepath = 'sad/' || id, "
        "vector = (SELECT array_agg(x ORDER BY -n) FROM unnest(vector::real[]) WITH ORDINALITY AS u (x, n))::vector",
    ],
    ids=["empty", "an eighth", "other pictures", "other pictures under the same ids"],
)
def test_a_source_that_would_delete_a_tenth_is_refused(
    filled_url: str, cloud_url: str, method: str, statement: str
) -> None:
    migrate_table(filled_url, cloud_url)
    before = rows(cloud_url)
    execute(filled_url, statement)
    with pytest.raises(JobError, match="would be deleted") as refused:
        migrate_table(filled_url, cloud_url, method)
    assert refused.value.kind is ErrorKind.conflict
    source = len(rows(filled_url))
    for part in (database_name(filled_url), database_name(cloud_url), f"has {source} rows", "has 40", "`--delete`"):
        assert part in str(refused.value)
    assert (rows(cloud_url), staging_tables(cloud_url)) == (before, 0)
    result = migrate_table(filled_url, cloud_url, method, delete=True)
    assert result.deleted > 4
    assert rows(cloud_url) == rows(filled_url)


@EACH_METHOD
def test_a_tenth_may_be_deleted(filled_url: str, cloud_url: str, method: str) -> None:
    migrate_table(filled_url, cloud_url)
    execute(filled_url, "DELETE FROM imagenes_fer WHERE id > 36")
    assert migrate_table(filled_url, cloud_url, method).deleted == 4
    assert len(rows(cloud_url)) == 36


@EACH_METHOD
def test_what_changes_is_counted(filled_url: str, cloud_url: str, method: str) -> None:
    first = migrate_table(filled_url, cloud_url, method)
    assert (first.added, first.changed, first.deleted) == (40, 0, 0)
    again = migrate_table(filled_url, cloud_url, method)
    assert (again.added, again.changed, again.deleted) == (0, 0, 0)
    fill(filled_url, 3, first=9000)
    execute(
        filled_url,
        "DELETE FROM imagenes_fer WHERE id IN (3, 4)",
        "UPDATE imagenes_fer SET filepath = 'sad/renamed', emotion = 'sad' WHERE id = 5",
        "UPDATE imagenes_fer SET emotion = 'bored' WHERE id = 6",
        "UPDATE imagenes_fer SET vector = (SELECT vector FROM imagenes_fer WHERE id = 1) WHERE id = 7",
    )
    result = migrate_table(filled_url, cloud_url, method)
    assert (result.rows, result.added, result.changed, result.deleted) == (41, 3, 3, 2)
    assert "3 added, 3 changed, 2 deleted" in result.summary()


@EACH_METHOD
def test_new_vectors_and_new_ids_of_the_same_pictures_are_changes(filled_url: str, cloud_url: str, method: str) -> None:
    """`embed --replace` gives the same pictures other vectors, and perhaps other ids."""
    migrate_table(filled_url, cloud_url)
    execute(filled_url, NEW_VECTORS, "UPDATE imagenes_fer SET id = 141 - id")
    result = migrate_table(filled_url, cloud_url, method)
    assert (result.added, result.changed, result.deleted) == (0, 40, 0)
    assert rows(cloud_url) == rows(filled_url)


def test_two_rows_of_one_path_in_the_target_are_counted(filled_url: str, cloud_url: str) -> None:
    migrate_table(filled_url, cloud_url)
    execute(
        cloud_url,
        "DROP INDEX imagenes_fer_filepath_key",
        "INSERT INTO imagenes_fer (id, filepath, emotion, vector) "
        "SELECT 50, filepath, emotion, vector FROM imagenes_fer WHERE id = 1",
    )
    result = migrate_table(filled_url, cloud_url)
    assert (result.added, result.changed, result.deleted) == (0, 0, 1)
    assert rows(cloud_url) == rows(filled_url)


def test_an_empty_source_and_an_empty_target_are_equal(laptop_url: str, cloud_url: str) -> None:
    result = migrate_table(laptop_url, cloud_url)
    assert (result.rows, result.added, result.changed, result.deleted) == (0, 0, 0, 0)


def test_the_command_has_the_option_and_the_keys(
    filled_url: str, laptop: Target, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["migrate", "--source", filled_url, "--json"]
    assert main(command) == 0
    done = json.loads(capsys.readouterr().out)
    assert [done[key] for key in ("added", "changed", "deleted")] == [40, 0, 0]
    execute(filled_url, "DELETE FROM imagenes_fer")
    assert main(command) == 1
    refused = json.loads(capsys.readouterr().out)
    assert refused["kind"] == "conflict" and "--delete" in refused["error"]
    assert len(rows(postgres_server("cloud").url())) == 40
    assert main([*command, "--delete"]) == 0
    assert json.loads(capsys.readouterr().out)["deleted"] == 40
