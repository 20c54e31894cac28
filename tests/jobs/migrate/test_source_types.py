"""A source whose columns have other types: cast where nothing is lost, else refused in a sentence that names it."""

import pytest

from jobs.errors import JobError
from jobs.migrate.run import METHODS, migrate_table
from tests.databases import database_name, execute
from tests.jobs.migrate.forty_rows import rows

EACH_METHOD = pytest.mark.parametrize("method", METHODS)


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE imagenes_fer ALTER id TYPE int",
        "ALTER TABLE imagenes_fer ALTER filepath TYPE char(60), ALTER emotion TYPE text",
        "ALTER TABLE imagenes_fer ALTER vector TYPE float8[] USING vector::real[]::float8[]",
        "ALTER TABLE imagenes_fer ALTER vector TYPE vector",
        "ALTER TABLE imagenes_fer ADD note text",
        "CREATE TYPE mood AS ENUM ('happy'); ALTER TABLE imagenes_fer ALTER emotion TYPE mood USING emotion::mood",
    ],
)
def test_other_types_are_cast_where_nothing_is_lost(filled_url: str, cloud_url: str, change: str) -> None:
    expected = rows(filled_url)
    execute(filled_url, change)
    assert migrate_table(filled_url, cloud_url).identical
    assert rows(cloud_url) == expected
    try:
        assert migrate_table(filled_url, cloud_url, "pg_dump").identical
    except JobError as error:
        assert "`--method copy`" in str(error)
    assert rows(cloud_url) == expected


@EACH_METHOD
def test_a_view_in_place_of_the_table_has_no_record(filled_url: str, cloud_url: str, method: str) -> None:
    execute(filled_url, "ALTER TABLE imagenes_fer RENAME TO faces; CREATE VIEW imagenes_fer AS SELECT * FROM faces")
    with pytest.raises(JobError, match="no record of the weights that made them: `python -m jobs adopt DIR"):
        migrate_table(filled_url, cloud_url, method)
    assert rows(cloud_url) == []


@EACH_METHOD
@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ("ALTER TABLE imagenes_fer ALTER vector TYPE bytea USING vector_send(vector)", "vector bytea"),
        ("DROP TABLE embedded_picture; ALTER TABLE imagenes_fer ALTER id TYPE text", "id text"),
        ("ALTER TABLE imagenes_fer DROP COLUMN emotion", "emotion is missing"),
        (
            "ALTER TABLE imagenes_fer ALTER vector TYPE vector; UPDATE imagenes_fer SET vector = '[1,2]' WHERE id = 1",
            "1 w",
        ),
        ("ALTER TABLE imagenes_fer ALTER vector DROP NOT NULL; UPDATE imagenes_fer SET vector = NULL", "40 without"),
        (
            "ALTER TABLE imagenes_fer ALTER emotion TYPE text; UPDATE imagenes_fer SET emotion = repeat('x', 60)",
            "40 whose",
        ),
        (
            "DROP INDEX imagenes_fer_filepath_key; UPDATE imagenes_fer SET filepath = 'a' WHERE id < 4",
            "2 whose filepath",
        ),
    ],
)
def test_what_the_target_cannot_take_is_said_of_the_source(
    filled_url: str, cloud_url: str, change: str, sentence: str, method: str
) -> None:
    execute(filled_url, change)
    with pytest.raises(JobError, match=sentence) as refused:
        migrate_table(filled_url, cloud_url, method)
    message = str(refused.value)
    assert database_name(filled_url) in message and database_name(cloud_url) not in message
    assert rows(cloud_url) == []
