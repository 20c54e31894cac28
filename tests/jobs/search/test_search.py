"""index and search, in the lake and in the database, compared with all distances by numpy."""

from pathlib import Path

import numpy as np
import pytest

from jobs.errors import JobError
from jobs.index import run as index
from jobs.migrate.run import migrate_table
from jobs.pipeline.local_runner.run import run_locally
from jobs.postgres.connection import open_connection, target_url
from jobs.search.run import Query, search_pictures
from jobs.storage import lake
from jobs.storage.client import lake_container, list_blobs
from jobs.target import Target
from tests.jobs.search.filled import Filled

PLACES = pytest.mark.parametrize("place", index.SOURCES)


@PLACES
def test_the_nearest_first_with_their_distances(filled: Filled, place: str) -> None:
    index.build_index(filled.target, place)
    for filepath in ("happy/face_00002.jpg", "sad/face_00001.jpg"):
        result = filled.query(filepath, place=place, k=7)
        expected = filled.nearest(filepath, 7)
        assert [match.filepath for match in result.results] == [path for path, _ in expected]
        assert np.allclose([match.distance for match in result.results], [d for _, d in expected], atol=1e-6)
        assert all(match.emotion == match.filepath.partition("/")[0] for match in result.results)


@PLACES
def test_an_emotion_gets_k_rows_if_it_has_k(filled: Filled, place: str) -> None:
    index.build_index(filled.target, place)
    for emotion in ("disgust", "angry", "happy"):
        result = filled.query("surprise/face_00000.jpg", place=place, k=5, emotion=emotion)
        expected = filled.nearest("surprise/face_00000.jpg", 5, emotion)
        assert [match.filepath for match in result.results] == [path for path, _ in expected]


@PLACES
def test_a_k_above_the_number_of_rows_returns_all(filled: Filled, place: str) -> None:
    index.build_index(filled.target, place)
    for k in (5000, 2**63):
        assert len(filled.query("happy/face_00000.jpg", place=place, k=k).results) == 40


@PLACES
def test_an_unknown_emotion_is_reported_with_the_existing_ones(filled: Filled, place: str) -> None:
    index.build_index(filled.target, place)
    with pytest.raises(JobError, match="angry, disgust"):
        filled.query("happy/face_00000.jpg", place=place, emotion="bored")


def test_the_database_can_be_searched_without_an_index(filled: Filled) -> None:
    assert filled.query("happy/face_00000.jpg", place="database").results[0].filepath == "happy/face_00000.jpg"


def test_a_rare_emotion_behind_an_index_that_stops_early(filled: Filled) -> None:
    index.build_index(filled.target, "database")
    with open_connection(target_url(filled.target)) as db, db.cursor() as cursor:
        cursor.execute(
            "INSERT INTO imagenes_fer (filepath, emotion, vector) SELECT 'happy/' || i, 'happy', "
            "(SELECT vector FROM imagenes_fer WHERE filepath = 'happy/face_00000.jpg') FROM generate_series(1, 3000) i"
        )
        cursor.execute(f"ALTER DATABASE {db.info.dbname} SET hnsw.max_scan_tuples = 100")
        db.commit()
    result = filled.query("happy/face_00000.jpg", place="database", k=3, emotion="sad")
    assert [match.filepath for match in result.results] == [
        path for path, _ in filled.nearest("happy/face_00000.jpg", 3, "sad")
    ]


def test_a_search_of_the_lake_needs_an_index(filled: Filled) -> None:
    with pytest.raises(JobError, match="python -m jobs index"):
        filled.query("happy/face_00000.jpg", place="lake")


def test_index_files_are_in_their_own_folder_and_old_ones_are_deleted(
    filled: Filled, capsys: pytest.CaptureFixture[str]
) -> None:
    container = lake_container(filled.target)
    index.build_index(filled.target, "lake")
    first = {blob.name for blob in list_blobs(container, "index/")}
    run_locally(filled.target, "PL_Migrar_Datos_FER", {})
    filled.query("happy/face_00000.jpg")
    assert "newer than its index" in capsys.readouterr().err
    index.build_index(filled.target, "lake")
    second = {blob.name for blob in list_blobs(container, "index/")}
    assert len(first) == len(second) == 3
    assert first & second == {index.CURRENT}
    assert [blob.name for blob in list_blobs(container, "embeddings/")] == [lake.EMBEDDINGS]


def test_a_lake_without_rows_gives_nothing(target: Target, filled_url: str, drawn_faces: Path) -> None:
    migrate_table(filled_url, target_url(target))
    with open_connection(target_url(target)) as db, db.cursor() as cursor:
        cursor.execute("DELETE FROM imagenes_fer")
        db.commit()
    run_locally(target, "PL_Migrar_Datos_FER", {})
    assert index.build_index(target, "lake").rows == 0
    picture = next(drawn_faces.rglob("*.jpg"))
    for place in index.SOURCES:
        assert search_pictures(target, Query(picture=picture, place=place)).results == []


def test_a_query_of_any_size_and_kind(filled: Filled, tmp_path: Path) -> None:
    from PIL import Image

    index.build_index(filled.target, "lake")
    Image.effect_mandelbrot((300, 200), (-2, -1, 1, 1), 50).convert("RGBA").save(tmp_path / "query.png")
    assert len(search_pictures(filled.target, Query(picture=tmp_path / "query.png")).results) == 5
