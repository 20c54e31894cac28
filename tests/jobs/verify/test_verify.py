"""verify, after the whole flow: it agrees, and names the place of every fault that is planted."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import duckdb
import numpy as np
import pytest
from azure.storage.blob import ContentSettings
from psycopg2.extensions import cursor

from jobs.migrate.run import migrate_table
from jobs.pipeline.local_runner.run import run_locally
from jobs.postgres.connection import Database, open_connection
from jobs.storage import lake
from jobs.storage.client import lake_container, list_blobs, pictures_container, upload_blob
from jobs.target import Target
from jobs.upload.run import upload_pictures
from jobs.verify.run import verify_places

PICTURE = "happy/face_00000.jpg"


@pytest.fixture
def flown(drawn: Path, filled_url: str, target: Target) -> tuple[Target, str]:
    """The drawn faces in all places; the target and the laptop's URL."""
    migrate_table(filled_url, target)
    upload_pictures(drawn, pictures_container(target))
    done = run_locally(target, "PL_Migrar_Datos_FER", {})
    assert done.status == "Succeeded", done
    return target, filled_url


def on(database: Database, work: Callable[[cursor], None]) -> None:
    with open_connection(database) as db, db.cursor() as cursor:
        work(cursor)
        db.commit()


def test_all_places_agree(flown: tuple[Target, str]) -> None:
    result = verify_places(*flown)
    assert (result.ok, result.problems, result.vectors_identical) == (True, [], True)
    assert result.rows_source == result.rows_database == result.rows_parquet == result.images == 40
    assert (result.missing_images, result.extra_images) == (0, 0)
    assert (result.pictures_by_md5, result.pictures_by_size, result.pictures_read) == (80, 0, 40)


def test_the_parquet_as_duckdb_reads_it(flown: tuple[Target, str], drawn: Path, tmp_path: Path) -> None:
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
    found = duckdb.sql(f"SELECT id, emotion, vector::FLOAT[512], filepath FROM '{file}' ORDER BY id").fetchall()
    for (id, emotion, vector, path), (wanted_id, wanted_emotion, wanted, filepath) in zip(found, expected, strict=True):
        assert (id, emotion, path) == (wanted_id, wanted_emotion, f"raw/imagenes/train/{filepath}")
        assert np.array_equal(np.array(vector, np.float32), np.array(wanted, np.float32))
        data = container.download_blob(path.removeprefix("raw/")).readall()
        assert data == (drawn / "train" / filepath).read_bytes()


def test_a_picture_deleted_from_the_lake(flown: tuple[Target, str]) -> None:
    lake_container(flown[0]).delete_blob(lake.PICTURES + PICTURE)
    result = verify_places(*flown)
    assert (result.ok, result.images, result.missing_images) == (False, 39, 1)
    assert result.problems == [f"lake: the picture {PICTURE} is missing"]


def test_a_vector_altered_in_the_target_database(flown: tuple[Target, str]) -> None:
    on(
        flown[0],
        lambda cursor: cursor.execute(
            "UPDATE imagenes_fer SET vector = (SELECT vector FROM imagenes_fer WHERE id = 1) WHERE filepath = %s",
            (PICTURE,),
        ),
    )
    result = verify_places(*flown)
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
    assert not verify_places(*flown).vectors_identical


def test_a_row_removed_from_the_target_database(flown: tuple[Target, str]) -> None:
    on(flown[0], lambda cursor: cursor.execute("DELETE FROM imagenes_fer WHERE filepath = %s", (PICTURE,)))
    result = verify_places(*flown)
    assert (result.ok, result.rows_database, len(result.problems)) == (False, 39, 1)
    assert result.problems[0].startswith("target database: row ") and "is missing" in result.problems[0]


def test_a_label_changed(flown: tuple[Target, str]) -> None:
    on(flown[0], lambda cursor: cursor.execute("UPDATE imagenes_fer SET emotion = 'bored' WHERE id = 1"))
    result = verify_places(*flown)
    assert (result.ok, result.vectors_identical) == (False, True)
    assert "bored" in result.problems[0]


@pytest.mark.parametrize("kept", [0, 4, 1000, -1])
def test_a_truncated_parquet(flown: tuple[Target, str], kept: int) -> None:
    container = lake_container(flown[0])
    data = container.download_blob(lake.EMBEDDINGS).readall()
    upload_blob(container, lake.EMBEDDINGS, data[:kept])
    result = verify_places(*flown)
    assert (result.ok, result.rows_parquet, len(result.problems)) == (False, 0, 1)
    assert result.problems[0].startswith("Parquet: ")


def test_a_parquet_of_before(flown: tuple[Target, str]) -> None:
    for url in (flown[1], flown[0]):
        on(url, lambda cursor: cursor.execute("DELETE FROM imagenes_fer WHERE id = 1"))
    result = verify_places(*flown)
    assert not result.ok
    assert [problem.partition(":")[0] for problem in result.problems] == ["Parquet"]
    assert result.extra_images == 1


def test_no_parquet_at_all(flown: tuple[Target, str]) -> None:
    lake_container(flown[0]).delete_blob(lake.EMBEDDINGS)
    assert "run-pipeline" in verify_places(*flown).problems[0]


@pytest.mark.parametrize("place", ["Blob", "lake"])
@pytest.mark.parametrize("longer", [False, True])
def test_a_picture_with_other_bytes(flown: tuple[Target, str], place: str, longer: bool) -> None:
    container, name = pictures_container(flown[0]), f"train/{PICTURE}"
    if place == "lake":
        container, name = lake_container(flown[0]), lake.PICTURES + PICTURE
    data = container.download_blob(name).readall()
    upload_blob(container, name, data + b"x" if longer else data[:-1] + b"x")
    result = verify_places(*flown)
    assert not result.ok
    assert f"{place}: the picture {PICTURE} is not the one that was embedded" in result.problems


def forget_md5(target: Target) -> None:
    """As Data Factory may leave the lake's copies: without an MD5 among their properties."""
    container = lake_container(target)
    for blob in list_blobs(container, lake.PICTURES):
        container.get_blob_client(blob.name).set_http_headers(ContentSettings(content_type="image/jpeg"))


def test_pictures_without_an_md5_are_compared_by_size_and_those_are_read_first(flown: tuple[Target, str]) -> None:
    forget_md5(flown[0])
    result = verify_places(*flown, sample=7)
    assert (result.ok, result.problems) == (True, [])
    assert (result.pictures_by_md5, result.pictures_by_size, result.pictures_read) == (40, 40, 14)
    container, name = lake_container(flown[0]), lake.PICTURES + PICTURE
    data = container.download_blob(name).readall()
    container.upload_blob(name, data[:-1] + b"x", overwrite=True)
    forget_md5(flown[0])
    problem = f"lake: the picture {PICTURE} is not the one that was embedded"
    assert verify_places(*flown, sample=40).problems == [problem]
    assert verify_places(*flown, sample=0).ok  # nobody has looked
    container.upload_blob(name, data + b"x", overwrite=True)
    assert verify_places(*flown, sample=0).problems == [problem]


def test_a_file_whose_md5_lies_is_found_by_reading_it(flown: tuple[Target, str]) -> None:
    container, name = pictures_container(flown[0]), f"train/{PICTURE}"
    data = container.download_blob(name).readall()
    md5 = hashlib.md5(data).digest()  # noqa: S324 - Azure's choice
    container.upload_blob(name, data[:-1] + b"x", overwrite=True)
    container.get_blob_client(name).set_http_headers(ContentSettings(content_md5=bytearray(md5)))
    assert verify_places(*flown, sample=0).ok
    assert verify_places(*flown, sample=40).problems == [
        f"Blob: the picture {PICTURE} is not the one that was embedded"
    ]


def test_pictures_without_a_row_are_no_fault(flown: tuple[Target, str]) -> None:
    upload_blob(lake_container(flown[0]), lake.PICTURES + "happy/extra.jpg", b"x")
    result = verify_places(*flown)
    assert (result.ok, result.extra_images) == (True, 1)


def test_many_faults_are_counted_not_all_told(flown: tuple[Target, str]) -> None:
    on(flown[0], lambda cursor: cursor.execute("DELETE FROM imagenes_fer"))
    result = verify_places(*flown)
    assert len(result.problems) < 40
    assert "more" in result.problems[-1]
