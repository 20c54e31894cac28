"""Each call of `adopt` fails in turn: the table is as it was, or adopted, and once more it is."""

from collections.abc import Callable
from pathlib import Path

import pytest

from jobs.adopt.run import AdoptOptions, adopt_table
from jobs.postgres.connection import open_connection
from tests.databases import execute
from tests.failing_calls import Job
from tests.jobs.adopt.tutorial_database import CREATE_TABLE, OURS

ROWS = """
SELECT i.id, i.filepath, i.emotion, md5(vector_send(i.vector)), e.sha256, r.weights_sha256
FROM imagenes_fer i LEFT JOIN embedded_picture e ON e.image_id = i.id CROSS JOIN embedding r ORDER BY 1
"""


@pytest.mark.chaos
@pytest.mark.slow
@pytest.mark.parametrize("job", ["adopt"])
def test_a_table_is_adopted_whole_or_not_at_all(
    job: str, tutorial_url: str, drawn_faces: Path, weights: str, record_property: Callable[[str, object], None]
) -> None:
    execute(tutorial_url, "CREATE TABLE kept AS SELECT * FROM imagenes_fer")

    def give_work() -> None:
        """The tutorial's table again."""
        execute(tutorial_url, OURS, CREATE_TABLE, "INSERT INTO imagenes_fer SELECT * FROM kept")

    def run() -> None:
        adopt_table(tutorial_url, drawn_faces, AdoptOptions(weights=weights, keep_one=True))

    def read() -> object:
        with open_connection(tutorial_url) as db, db.cursor() as cursor:
            cursor.execute(ROWS)
            return cursor.fetchall()

    Job(give_work=give_work, run=run, read=read, every=16).fail_each_call(record_property)
