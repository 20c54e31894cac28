"""migrate's source: only read, of any layout, and named in every sentence about it."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from psycopg2.extensions import make_dsn, parse_dsn

from jobs.errors import ErrorKind, JobError
from jobs.migrate.run import METHODS, migrate_table
from jobs.postgres.connection import open_connection
from tests.databases import database_name, execute
from tests.jobs.migrate.forty_rows import rows

EACH_METHOD = pytest.mark.parametrize("method", METHODS)
# Everything in the database that a command could have added or changed.
CATALOG = (
    "SELECT relname, relkind::text, relnatts, relacl::text, reloptions::text FROM pg_class JOIN pg_namespace n "
    "ON n.oid = relnamespace WHERE nspname !~ '^pg_|information_schema' ORDER BY 1",
    "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint ORDER BY 1, 2",
    "SELECT xmin::text, ctid::text FROM imagenes_fer ORDER BY 2",
)


def catalog(url: str) -> list[object]:
    found: list[object] = []
    with open_connection(url) as db, db.cursor() as cursor:
        for query in CATALOG:
            cursor.execute(query)
            found.append(cursor.fetchall())
    return found


@dataclass
class Reader:
    """A login on the source that may only read. `url` is the database as that login opens it."""

    name: str
    url: str
    owner_url: str

    def allow(self, *tables: str) -> None:
        execute(self.owner_url, f"GRANT SELECT ON {', '.join(tables)} TO {self.name}")


@pytest.fixture
def reader(filled_url: str) -> Iterator[Reader]:
    """A new login without any right on the tables."""
    name = "reader_of_migrate"
    execute(filled_url, f"CREATE ROLE {name} LOGIN PASSWORD 'marker'")
    yield Reader(name, make_dsn(**parse_dsn(filled_url) | {"user": name, "password": "marker"}), filled_url)
    execute(filled_url, f"DROP OWNED BY {name}", f"DROP ROLE {name}")


@EACH_METHOD
def test_a_login_that_may_only_read_is_enough(reader: Reader, cloud_url: str, method: str) -> None:
    reader.allow("imagenes_fer", "embedding")
    before = catalog(reader.owner_url)
    assert migrate_table(reader.url, cloud_url, method).identical
    assert rows(cloud_url) == rows(reader.owner_url)
    assert catalog(reader.owner_url) == before


@EACH_METHOD
@pytest.mark.parametrize(("allowed", "missing"), [("embedding", "imagenes_fer"), ("imagenes_fer", "embedding")])
def test_the_sentence_about_a_missing_right_ends_that_state(
    reader: Reader, cloud_url: str, method: str, allowed: str, missing: str
) -> None:
    reader.allow(allowed)
    with pytest.raises(JobError) as refused:
        migrate_table(reader.url, cloud_url, method)
    assert refused.value.kind is ErrorKind.refused
    message = str(refused.value)
    assert database_name(reader.owner_url) in message and database_name(cloud_url) not in message
    grant = f"GRANT SELECT ON {missing} TO {reader.name}"
    assert f"`{grant}`" in message
    execute(reader.owner_url, grant)
    assert migrate_table(reader.url, cloud_url, method).rows == 40


@EACH_METHOD
def test_rows_that_a_policy_hides_are_not_deleted_ones(reader: Reader, cloud_url: str, method: str) -> None:
    reader.allow("imagenes_fer", "embedding")
    execute(
        reader.owner_url,
        "ALTER TABLE imagenes_fer ENABLE ROW LEVEL SECURITY",
        "CREATE POLICY nearly_all ON imagenes_fer USING (id > 2)",
    )
    with pytest.raises(JobError, match="row-level security") as refused:
        migrate_table(reader.url, cloud_url, method)
    execute(reader.owner_url, str(refused.value).split("`")[1])
    assert migrate_table(reader.url, cloud_url, method).rows == 40


@EACH_METHOD
def test_the_extension_may_be_in_another_schema(reader: Reader, cloud_url: str, method: str) -> None:
    reader.allow("imagenes_fer", "embedding")
    for url in (reader.owner_url, cloud_url):
        execute(url, "CREATE SCHEMA extensions", "ALTER EXTENSION vector SET SCHEMA extensions")
    with pytest.raises(JobError, match="GRANT USAGE ON SCHEMA extensions") as refused:
        migrate_table(reader.url, cloud_url, method)
    execute(reader.owner_url, str(refused.value).split("`")[1])
    assert migrate_table(reader.url, cloud_url, method).rows == 40
    assert rows(cloud_url) == rows(reader.owner_url)


@EACH_METHOD
def test_the_table_may_be_in_another_schema(filled_url: str, cloud_url: str, method: str) -> None:
    execute(
        filled_url,
        "CREATE SCHEMA viejo",
        "ALTER TABLE imagenes_fer SET SCHEMA viejo",
    )
    with pytest.raises(JobError, match=r"search_path \(public\), and one in the schema viejo") as refused:
        migrate_table(filled_url, cloud_url, method)
    assert refused.value.kind is ErrorKind.not_found and database_name(filled_url) in str(refused.value)
    url = f"{filled_url}&{str(refused.value).split('`')[1]}"
    assert migrate_table(url, cloud_url, method).rows == 40


def test_the_table_may_be_in_another_database(filled_url: str, cloud_url: str) -> None:
    other = filled_url.replace(f"/{database_name(filled_url)}?", "/postgres?")
    with pytest.raises(JobError) as refused:
        migrate_table(other, cloud_url)
    message = str(refused.value)
    assert "/postgres has no table imagenes_fer" in message and database_name(filled_url) in message
    assert "--source URL" in message


@EACH_METHOD
def test_a_source_without_a_record_is_refused(filled_url: str, cloud_url: str, method: str) -> None:
    for statement in ("DELETE FROM embedding", "DROP TABLE embedding"):
        execute(filled_url, statement)
        before = catalog(filled_url)
        with pytest.raises(JobError, match="python -m jobs adopt DIR --source URL") as refused:
            migrate_table(filled_url, cloud_url, method)
        assert refused.value.kind is ErrorKind.conflict and database_name(filled_url) in str(refused.value)
        assert catalog(filled_url) == before
    assert rows(cloud_url) == []


@EACH_METHOD
def test_an_older_layout_is_read_as_it_is(filled_url: str, cloud_url: str, method: str) -> None:
    """Before 0004 to 0006: no stats, no network_sha256, no table_oid, columns that may be NULL."""
    execute(
        filled_url,
        "ALTER TABLE embedding DROP COLUMN network_sha256, DROP COLUMN table_oid",
        "ALTER TABLE embedded_picture DROP COLUMN size, DROP COLUMN mtime_ns, DROP COLUMN ctime_ns",
        "DROP TABLE schema_migration",
        "ALTER TABLE imagenes_fer ALTER filepath DROP NOT NULL, ALTER emotion DROP NOT NULL",
        "ALTER TABLE imagenes_fer ALTER vector DROP NOT NULL",
    )
    before = catalog(filled_url)
    assert migrate_table(filled_url, cloud_url, method).rows == 40
    assert catalog(filled_url) == before
