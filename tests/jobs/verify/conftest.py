"""The whole flow up to the lake, for verify to check."""

from pathlib import Path

import pytest

from jobs.migrate.run import migrate_table
from jobs.pipeline.local_runner.run import run_locally
from jobs.storage.client import pictures_container
from jobs.target import Target
from jobs.upload.run import upload_pictures


@pytest.fixture
def flown(drawn_faces: Path, filled_url: str, target: Target) -> tuple[Target, str]:
    """The drawn faces in all places; the target and the laptop's URL."""
    migrate_table(filled_url, target)
    upload_pictures(drawn_faces, pictures_container(target))
    done = run_locally(target, "PL_Migrar_Datos_FER", {})
    assert done.status == "Succeeded", done
    return target, filled_url
