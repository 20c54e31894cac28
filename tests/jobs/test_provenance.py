"""What filled a table: the same from a row, from metadata and from databases of any age."""

import pytest

from jobs.errors import ErrorKind, JobError
from jobs.postgres.connection import open_connection
from jobs.provenance import METADATA_KEYS, Provenance, read_provenance, require_provenance

INT8 = Provenance("imagenet", "ab", "int8", "cd")
FP32 = Provenance("random", "ab", "fp32")
RECORD = """
INSERT INTO embedding (weights, weights_sha256, precision, network_sha256, last_id)
VALUES ('imagenet', 'ab', 'int8', 'cd', 0)
"""


@pytest.mark.parametrize("provenance", [INT8, FP32])
def test_metadata_and_back(provenance: Provenance) -> None:
    metadata = provenance.to_metadata()
    assert set(metadata) <= set(METADATA_KEYS) and None not in metadata.values()
    assert Provenance.from_metadata(metadata | {"ARROW:schema": "x"}) == provenance


def test_older_metadata_and_rows_lack_the_network() -> None:
    assert Provenance.from_metadata({"weights": "random", "weights_sha256": "ab", "precision": "fp32"}) == FP32
    assert Provenance.from_row(("random", "ab", "fp32")) == FP32
    assert Provenance.from_row(("random", "ab", "fp32", None)) == FP32


def test_incomplete_metadata_and_rows_say_nothing() -> None:
    assert Provenance.from_metadata({}) is Provenance.from_row(None) is None
    assert Provenance.from_metadata({"weights": "random", "precision": "fp32"}) is None
    assert Provenance.from_row((None, None, None, None)) is None


def test_a_database_records_it(laptop_url: str) -> None:
    with open_connection(laptop_url) as db, db.cursor() as cursor:
        assert read_provenance(db) is None
        cursor.execute(RECORD)
        assert read_provenance(db) == require_provenance(db) == INT8
        cursor.execute("ALTER TABLE embedding DROP COLUMN network_sha256")  # an older database has no such column
        assert read_provenance(db) == Provenance("imagenet", "ab", "int8")


def test_another_table_of_that_name_says_nothing(laptop_url: str) -> None:
    with open_connection(laptop_url) as db, db.cursor() as cursor:
        cursor.execute("DROP TABLE embedding")
        assert read_provenance(db) is None
        cursor.execute("CREATE TABLE embedding AS SELECT 7 AS number")
        assert read_provenance(db) is None


def test_a_target_without_it_names_the_next_command(laptop_url: str) -> None:
    with open_connection(laptop_url) as db, db.cursor() as cursor:
        with pytest.raises(JobError, match="holds no vectors: run `python -m jobs migrate`") as empty:
            require_provenance(db)
        cursor.execute("INSERT INTO imagenes_fer VALUES (1, 'a/b', 'a', array_fill(1, '{512}')::vector)")
        with pytest.raises(JobError, match="unknown: run `python -m jobs embed DIR --replace`") as unknown:
            require_provenance(db)
    assert (empty.value.kind, unknown.value.kind) == (ErrorKind.not_found, ErrorKind.conflict)
