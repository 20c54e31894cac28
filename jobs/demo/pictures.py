"""The demo's pictures: drawn faces in the state folder, and the picture to search for."""

import contextlib
import shutil
from pathlib import Path

from jobs.demo.options import DemoOptions
from jobs.embed.write import delete_folder
from jobs.errors import ErrorKind, JobError
from jobs.pictures.sample import SampleResult, draw_face, draw_sample
from jobs.pictures.scan import find_pictures
from jobs.postgres.connection import acquire_lock, open_connection
from jobs.postgres.schema import upgrade_schema
from jobs.state import state_folder

QUERY_EMOTION = "happy"


def faces_folder() -> Path:
    """The folder of the drawn faces."""
    return state_folder() / "demo"


def draw_faces(count: int, seed: int) -> SampleResult:
    """Draw faces in place of those of an earlier demo."""
    shutil.rmtree(faces_folder(), ignore_errors=True)
    return draw_sample(faces_folder(), count, seed)


def delete_drawn_rows(url: str) -> None:
    """Delete the rows of faces that an earlier demo drew: they must not mix with real pictures."""
    with open_connection(url) as db:
        upgrade_schema(db)
        acquire_lock(db, "embed")
        delete_folder(db, str(faces_folder() / "train"))


def pick_query(options: DemoOptions, pictures: Path) -> Path:
    """The picture to search for: a new face, or a picture of the data set's test half, or else one of its own.

    Raises JobError when the folder has no pictures.
    """
    if not options.images:
        path = faces_folder() / "query.jpg"
        draw_face(QUERY_EMOTION, f"{options.seed} query").save(path, quality=90)
        return path
    for folder in (pictures / "test", pictures):
        with contextlib.suppress(JobError):
            candidates = find_pictures(folder).pictures
            if candidates:
                return candidates[len(candidates) // 2].path
    raise JobError(f"There is no picture in {pictures} to search for: give another folder.", ErrorKind.not_found)
