"""Tables made by hand: before anything is written, their columns are widened without loss, or refused with the SQL."""

import re
from pathlib import Path

import pytest

from jobs.errors import ErrorKind, JobError
from jobs.postgres.columns import Column, Fix, Shape, find_problems
from jobs.postgres.connection import fetch_value, open_connection
from tests.databases import execute
from tests.jobs.embed.embed_runs import run

ALTER = "ALTER TABLE imagenes_fer "
GOOD = {
    "id": Column("int8", not_null=True, default=True),
    "filepath": Column("varchar", 255, not_null=True),
    "emotion": Column("varchar", 50, not_null=True),
    "vector": Column("vector", 512, not_null=True),
}
WIDENED = {
    "serial": ALTER + "ALTER id TYPE integer",
    "no dimensions": ALTER + "ALTER vector TYPE vector",
    "generated always": ALTER + "ALTER id DROP DEFAULT, ALTER id ADD GENERATED ALWAYS AS IDENTITY",
    "no key": ALTER + "DROP CONSTRAINT imagenes_fer_pkey CASCADE",
    "short paths": ALTER + "ALTER filepath TYPE varchar(80), ALTER emotion TYPE varchar(10)",
    "another column": ALTER + "ADD note text, ADD added timestamptz NOT NULL DEFAULT now()",
}
REFUSED = {
    "float8[]": ALTER + "ALTER vector TYPE float8[] USING vector::real[]::float8[]",
    "text": ALTER + "ALTER vector TYPE text",
    "halfvec": ALTER + "ALTER vector TYPE halfvec(512)",
    "2048 numbers": ALTER + "ALTER vector TYPE vector(2048) USING array_fill(1, '{2048}')::vector",
    "text id": ALTER + "DROP CONSTRAINT imagenes_fer_pkey CASCADE, ALTER id DROP DEFAULT, ALTER id TYPE text",
    "not null": ALTER + 'ADD note text, ADD "Label" int; UPDATE imagenes_fer SET note = \'a\', "Label" = 1; '
    'ALTER TABLE imagenes_fer ALTER note SET NOT NULL, ALTER "Label" SET NOT NULL',
    "another name": ALTER + "RENAME filepath TO path",
    "other names": ALTER + "RENAME filepath TO path; " + ALTER + "RENAME emotion TO label",
    "a view": ALTER + "RENAME TO faces; CREATE VIEW imagenes_fer AS SELECT * FROM faces",
    "char": ALTER + "ALTER emotion TYPE char(50)",
}


def fingerprint(url: str) -> str:
    """The rows, whatever the types."""
    with open_connection(url) as db:
        return str(fetch_value(db, "SELECT md5(string_agg(t::text, ',' ORDER BY t::text)) FROM imagenes_fer t"))


@pytest.mark.parametrize("how", WIDENED)
def test_what_loses_nothing_is_done(filled_url: str, drawn_faces: Path, weights: str, how: str) -> None:
    execute(filled_url, WIDENED[how])
    assert run(drawn_faces, filled_url, None).unchanged == 40
    assert run(drawn_faces, filled_url, weights, replace=True).replaced == 40
    with open_connection(filled_url) as db:
        assert fetch_value(db, "SELECT pg_typeof(id)::text FROM imagenes_fer LIMIT 1") == "bigint"


@pytest.mark.parametrize("how", REFUSED)
def test_what_cannot_be_written_to_is_refused_first(filled_url: str, drawn_faces: Path, weights: str, how: str) -> None:
    execute(filled_url, REFUSED[how])
    before = fingerprint(filled_url)
    with pytest.raises(JobError, match=r"Nothing was changed: run this SQL.*: (ALTER|CREATE)") as refused:
        run(drawn_faces, filled_url, weights, replace=True)
    assert refused.value.kind == ErrorKind.conflict
    assert fingerprint(filled_url) == before
    sql = re.sub(r".*run this SQL( \([^)]*\))?: ", "", str(refused.value))
    execute(filled_url, sql)
    result = run(drawn_faces, filled_url, weights)
    assert result.unchanged + result.embedded + result.duplicates == 40


def test_a_good_table_has_no_problem() -> None:
    assert find_problems(Shape(GOOD)) == []
    assert find_problems(Shape(GOOD | {"filepath": Column("text"), "note": Column("text")})) == []


@pytest.mark.parametrize(
    ("shape", "fix", "sql"),
    [
        (Shape(GOOD | {"id": Column("int2")}), Fix.widen, "ALTER COLUMN id TYPE bigint"),
        (Shape(GOOD, id_unique=False), Fix.widen, "ADD UNIQUE (id)"),
        (Shape(GOOD, id_unique=False, has_primary_key=False), Fix.widen, "ADD PRIMARY KEY (id)"),
        (Shape(GOOD | {"vector": Column("_float4")}), Fix.cast, "USING vector::vector(512)"),
        (Shape(GOOD | {"vector": Column("vector", 2048)}), Fix.person, "SET SCHEMA old"),
        (Shape(GOOD | {"vector": Column("bytea")}), Fix.person, "SET SCHEMA old"),
        (Shape(GOOD | {"emotion": Column("text", generated=True)}), Fix.person, "DROP EXPRESSION"),
        (Shape(GOOD, kind="p"), Fix.person, "ALTER TABLE imagenes_fer SET SCHEMA old"),
        (Shape(GOOD, kind="m"), Fix.person, "ALTER MATERIALIZED VIEW imagenes_fer SET SCHEMA old"),
    ],
)
def test_each_problem_has_its_sql(shape: Shape, fix: Fix, sql: str) -> None:
    (problem,) = find_problems(shape)
    assert problem.fix is fix and sql in problem.sql


def test_replace_loses_nothing_if_a_write_fails(filled_url: str, drawn_faces: Path, weights: str) -> None:
    before = fingerprint(filled_url)
    execute(
        filled_url,
        "CREATE FUNCTION stop() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'stopped'; END $$",
        "CREATE TRIGGER stop BEFORE INSERT ON imagenes_fer FOR EACH ROW WHEN (new.filepath LIKE 'surprise/%') "
        "EXECUTE FUNCTION stop()",
    )
    with pytest.raises(JobError, match="stopped"):
        run(drawn_faces, filled_url, weights, replace=True)
    assert fingerprint(filled_url) == before


def test_replace_keeps_the_rows_if_no_picture_can_be_embedded(filled_url: str, tmp_path: Path, weights: str) -> None:
    before = fingerprint(filled_url)
    (tmp_path / "sad").mkdir()
    (tmp_path / "sad" / "x.jpg").write_bytes(b"no picture")
    with pytest.raises(JobError, match="None of the 1 pictures"):
        run(tmp_path, filled_url, weights, replace=True)
    assert fingerprint(filled_url) == before
