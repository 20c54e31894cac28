"""The Parquet that Data Factory writes has no metadata: what filled it is known by the database it was copied from."""

from pathlib import Path

import pytest

from jobs.errors import JobError
from jobs.index.run import build_index
from jobs.migrate.run import migrate_table
from jobs.pipeline.local_runner.run import run_locally
from jobs.postgres.connection import open_connection
from jobs.search.run import Query, search_pictures
from jobs.storage.client import pictures_container
from jobs.target import Target
from jobs.upload.run import upload_pictures
from jobs.verify.run import verify_target
from tests.azure_fakes.copying_factory import remove_metadata


@pytest.fixture
def copied(drawn_faces: Path, filled_url: str, target: Target) -> Target:
    """A target whose lake was filled as by Data Factory."""
    migrate_table(filled_url, target)
    upload_pictures(drawn_faces, pictures_container(target))
    assert run_locally(target, "PL_Migrar_Datos_FER", {}).status == "Succeeded"
    remove_metadata(target)
    return target


def test_it_is_indexed_searched_and_verified(copied: Target, drawn_faces: Path, filled_url: str) -> None:
    assert verify_target(copied, filled_url).ok
    build_index(copied, "lake")
    picture = drawn_faces / "train/happy/face_00002.jpg"
    assert search_pictures(copied, Query(picture=picture)).results[0].filepath == "happy/face_00002.jpg"


def test_vectors_that_are_no_longer_in_the_database_are_refused(copied: Target) -> None:
    with open_connection(copied) as db, db.cursor() as cursor:
        cursor.execute("UPDATE imagenes_fer SET vector = vector + vector WHERE id = 3")
        db.commit()
    with pytest.raises(JobError, match="other vectors than the target's database: run `python -m jobs run-pipeline`"):
        build_index(copied, "lake")
    assert run_locally(copied, "PL_Migrar_Datos_FER", {}).status == "Succeeded"
    remove_metadata(copied)
    build_index(copied, "lake")
