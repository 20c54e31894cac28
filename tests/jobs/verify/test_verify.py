"""verify after the whole flow: everything agrees, and each difference is reported with its row or picture."""

from pathlib import Path

import duckdb
import numpy as np
import pytest

from jobs.postgres.connection import open_connection
from jobs.storage import lake
from jobs.storage.client import lake_container, upload_blob
from jobs.target import Target
from jobs.verify.run import verify_target
from tests.databases import execute

PICTURE = "happy/face_00000.jpg"
OF_PICTURE = f"filepath = '{PICTURE}'"


def test_all_places_agree(flown: tuple[Target, str]) -> None:
    result = verify_target(*flown)
    assert (result.ok, result.problems, result.vectors_identical) == (True, [], True)
    assert result.rows_source == result.rows_database == result.rows_parquet == result.images == 40
    assert (result.missing_images, result.extra_images) == (0, 0)
    assert (result.pictures_by_md5, result.pictures_by_size, result.pictures_read) == (80, 0, 40)


def test_the_parquet_as_duckdb_reads_it(flown: tuple[Target, str], drawn_faces: Path, tmp_path: Path) -> None:
    target, laptop = flown
    container = lake_container(target)
    (tmp_path / "x.parquet").write_bytes(container.download_blob(lake.EMBEDDINGS).readall())
    file = tmp_path / "x.parquet"
    table = duckdb.sql(f"SELECT * FROM '{file}'")
    assert table.columns == ["id", "emotion", "vector", "filepath"]
    assert [str(kind) for kind in table.types] == ["BIGINT", "VARCHAR", "VARCHAR", "VARCHAR"]
    with open_connection(laptop) as db, db.cursor() as cursor:
        cursor.execute("SELECT id, emotion, vector::real[], filepath FROM imagenes_fer ORDER BY id")
        expected = cursor.fetchall()
    rows = duckdb.sql(f"SELECT id, emotion, vector::FLOAT[512], filepath FROM '{file}' ORDER BY id").fetchall()
    for (id, emotion, vector, path), (wanted_id, wanted_emotion, wanted, filepath) in zip(rows, expected, strict=True):
        assert (id, emotion, path) == (wanted_id, wanted_emotion, f"raw/imagenes/train/{filepath}")
        assert np.array_equal(np.array(vector, np.float32), np.array(wanted, np.float32))
        data = container.download_blob(path.removeprefix("raw/")).readall()
        assert data == (drawn_faces / "train" / filepath).read_bytes()


def test_a_vector_altered_in_the_target_database(flown: tuple[Target, str]) -> None:
    execute(
        flown[0], f"UPDATE imagenes_fer SET vector = (SELECT vector FROM imagenes_fer WHERE id = 1) WHERE {OF_PICTURE}"
    )
    result = verify_target(*flown)
    assert (result.ok, result.vectors_identical) == (False, False)
    assert len(result.problems) == 1
    assert result.problems[0].startswith("target database: the vector of row ") and PICTURE in result.problems[0]


def test_one_bit_altered(flown: tuple[Target, str]) -> None:
    with open_connection(flown[1]) as db, db.cursor() as cursor:
        cursor.execute("SELECT vector::real[] FROM imagenes_fer WHERE id = 1")
        vector = np.array(cursor.fetchone()[0], np.float32)
        vector[7] = np.nextafter(vector[7], np.float32(9))
        cursor.execute("UPDATE imagenes_fer SET vector = %s WHERE id = 1", (vector.tolist(),))
        db.commit()
    assert not verify_target(*flown).vectors_identical


def test_a_row_removed_from_the_target_database(flown: tuple[Target, str]) -> None:
    execute(flown[0], f"DELETE FROM imagenes_fer WHERE {OF_PICTURE}")
    result = verify_target(*flown)
    assert (result.ok, result.rows_database, len(result.problems)) == (False, 39, 1)
    assert result.problems[0].startswith("target database: row ") and "is missing" in result.problems[0]


def test_a_label_changed(flown: tuple[Target, str]) -> None:
    execute(flown[0], "UPDATE imagenes_fer SET emotion = 'bored' WHERE id = 1")
    result = verify_target(*flown)
    assert (result.ok, result.vectors_identical) == (False, True)
    assert "bored" in result.problems[0]


def test_another_quantized_network(flown: tuple[Target, str]) -> None:
    """The same weights and precision, but int8's network is another one."""
    execute(flown[0], "UPDATE embedding SET network_sha256 = 'cd'")
    result = verify_target(*flown)
    assert not result.ok
    assert len(result.problems) == 1
    assert "quantized network cd" in result.problems[0] and result.problems[0].startswith("target database: filled")


@pytest.mark.parametrize("kept", [0, 4, 1000, -1])
def test_a_truncated_parquet(flown: tuple[Target, str], kept: int) -> None:
    container = lake_container(flown[0])
    data = container.download_blob(lake.EMBEDDINGS).readall()
    upload_blob(container, lake.EMBEDDINGS, data[:kept])
    result = verify_target(*flown)
    assert (result.ok, result.rows_parquet, len(result.problems)) == (False, 0, 1)
    assert result.problems[0].startswith("Parquet: ")


def test_an_outdated_parquet(flown: tuple[Target, str]) -> None:
    for url in (flown[1], flown[0]):
        execute(url, "DELETE FROM imagenes_fer WHERE id = 1")
    result = verify_target(*flown)
    assert not result.ok
    assert [problem.partition(":")[0] for problem in result.problems] == ["Parquet"]
    assert result.extra_images == 1


def test_no_parquet_at_all(flown: tuple[Target, str]) -> None:
    lake_container(flown[0]).delete_blob(lake.EMBEDDINGS)
    assert "run-pipeline" in verify_target(*flown).problems[0]


def test_many_problems_are_counted_and_not_all_shown(flown: tuple[Target, str]) -> None:
    execute(flown[0], "DELETE FROM imagenes_fer")
    result = verify_target(*flown)
    assert len(result.problems) < 40
    assert "more" in result.problems[-1]
