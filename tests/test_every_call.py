"""Each call of each job fails in turn: see failing_calls.py."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from jobs.export import export_table
from jobs.postgres.connection import fetch_value, open_connection
from jobs.storage import retries
from jobs.target import Target
from tests.databases import execute
from tests.failing_calls import Job
from tests.test_faulty_network import JOBS, Places, read_state, run_jobs
from tests.test_signals import undo

pytestmark = pytest.mark.slow

ALWAYS = "upload"  # `make test` runs this one, `make chaos` all
EVERY = {
    "embed": 16,
    "migrate": 2,
    "pg_dump": 4,
    "run-pipeline": 8,
    "index --from database": 3,
    "verify": 6,
    "search": 4,
    "search --from database": 4,
}
CATALOG = """
SELECT coalesce(array_agg(relname::text ORDER BY relname), '{}')
FROM pg_class c LEFT JOIN pg_index ON indexrelid = c.oid
WHERE relnamespace = 'public'::regnamespace AND coalesce(indisvalid, true)
"""


@pytest.fixture
def places(filled_url: str, target: Target, drawn_faces: Path, weights: str) -> Places:
    """All places filled, as by an undisturbed run."""
    return run_jobs(Places(filled_url, target, drawn_faces, weights))


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retries.StorageRetries, "get_backoff_time", lambda *words: 0.01)


def read_all(places: Places) -> tuple[object, ...]:
    """The state, and the names of all tables and valid indexes: nothing of a run that failed is left."""
    names = []
    for database in (places.source, places.target):
        with open_connection(database) as db:
            names.append(fetch_value(db, CATALOG))
    return *read_state(places), *names


def give_work(job: str, places: Places) -> None:
    if job == "index --from database":
        execute(places.target, "DROP INDEX IF EXISTS imagenes_fer_vector_hnsw")
    undo("migrate" if job == "pg_dump" else job, places)


@pytest.mark.parametrize("job", [pytest.param(job, marks=[] if job == ALWAYS else pytest.mark.chaos) for job in JOBS])
def test_a_failure_of_any_call_loses_nothing(
    job: str, places: Places, record_property: Callable[[str, object], None]
) -> None:
    tried = Job(
        give_work=partial(give_work, job, places),
        run=partial(run_jobs, places, [job]),
        read=partial(read_all, places),
        every=EVERY.get(job, 1),
    )
    tried.fail_each_call(record_property)


@pytest.mark.chaos
@pytest.mark.parametrize("job", ["export"])
def test_a_file_is_exported_whole_or_not_at_all(
    job: str, places: Places, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    file = tmp_path / "rows.parquet"

    def read() -> object:
        return [each.name for each in tmp_path.iterdir()], pq.read_table(file)

    tried = Job(give_work=lambda: None, run=partial(export_table, places.target, file), read=read)
    tried.fail_each_call(record_property)
