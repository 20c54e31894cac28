"""The demo's pictures: drawn faces in its state folder, and the picture to search for."""

import contextlib
import shutil
from pathlib import Path

from jobs.demo.options import DemoOptions
from jobs.errors import ErrorKind, JobError
from jobs.pictures.names import is_other_split
from jobs.pictures.sample import SampleResult, draw_face, draw_sample
from jobs.pictures.scan import find_pictures
from jobs.pictures.subfolders import list_folders
from jobs.postgres.connection import acquire_lock, open_connection
from jobs.postgres.schema import upgrade_schema
from jobs.state import state_folder

QUERY_EMOTION = "happy"
DELETE_OTHERS = """
DELETE FROM imagenes_fer WHERE id NOT IN (SELECT image_id FROM embedded_picture WHERE folder = %s)
"""


def faces_folder() -> Path:
    """The folder of the drawn faces."""
    return state_folder() / "faces"


def draw_faces(count: int, seed: int) -> SampleResult:
    """Draw faces in place of those of an earlier demo."""
    shutil.rmtree(faces_folder(), ignore_errors=True)
    return draw_sample(faces_folder(), count, seed)


def delete_earlier_rows(url: str, keep: str) -> None:
    """Delete the rows of earlier demos, but those of the pictures in the folder `keep`: they must not mix."""
    with open_connection(url) as db:
        upgrade_schema(db)
        acquire_lock(db, "embed")
        with db.cursor() as cursor:
            cursor.execute(DELETE_OTHERS, (keep,))
        db.commit()


def pick_query(options: DemoOptions, pictures: Path) -> Path:
    """The picture to search for: a new face, or a picture of the data set's test half, or else one of its own.

    `pictures` is the folder of the emotions. Raises JobError when it has no pictures.
    """
    if not options.images:
        path = faces_folder() / "query.jpg"
        draw_face(QUERY_EMOTION, f"{options.seed} query").save(path, quality=90)
        return path
    tests = [each for each in list_folders(pictures.parent) if is_other_split(each.name)]
    for folder in (*tests, pictures):
        with contextlib.suppress(JobError):
            candidates = find_pictures(folder).pictures
            if candidates:
                return candidates[len(candidates) // 2].path
    raise JobError(f"There is no picture in {pictures} to search for: give another folder.", ErrorKind.not_found)
