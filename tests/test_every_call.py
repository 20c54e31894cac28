"""A failure of the first call of a job, of its second, of its third, ...: once more, and all is as undisturbed.

SQLite tests itself so (https://www.sqlite.org/testing.html): each call in turn fails, until a run ends without. In one
round a job of EVERY has only each n-th of its calls fail; CHAOS_ROUNDS goes on with the calls beside them.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from itertools import count
from pathlib import Path

import pytest

from jobs.errors import JobError
from jobs.postgres.connection import fetch_value, open_connection
from jobs.storage import retries
from jobs.target import Target
from tests.failing_calls import FAILURES, failing
from tests.jobs.migrate.forty_rows import execute
from tests.test_faulty_network import JOBS, ROUNDS, SEED, Places, read_state
from tests.test_signals import undo

pytestmark = pytest.mark.slow

ALWAYS = "upload"  # `make test` runs this one, `make chaos` all
EVERY = {"embed": 4, "run-pipeline": 3, "verify": 4, "search": 4, "search --from database": 4}
CATALOG = """
SELECT coalesce(array_agg(relname::text ORDER BY relname), '{}')
FROM pg_class c LEFT JOIN pg_index ON indexrelid = c.oid
WHERE relnamespace = 'public'::regnamespace AND coalesce(indisvalid, true)
"""


@pytest.fixture
def places(filled_url: str, target: Target, drawn_faces: Path, weights: str) -> Places:
    """All places filled, as by an undisturbed run."""
    filled = Places(filled_url, target, drawn_faces, weights)
    for _, job in JOBS.values():
        job(filled)
    return filled


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


def allowed(kind: str) -> AbstractContextManager[None]:
    """What a command shows as a sentence. The one for a full disk is made where commands begin."""
    return suppress(JobError, OSError) if kind == "files" else suppress(JobError)


@pytest.mark.parametrize("job", [pytest.param(job, marks=[] if job == ALWAYS else pytest.mark.chaos) for job in JOBS])
def test_a_failure_of_any_call_loses_nothing(
    job: str, places: Places, record_property: Callable[[str, object], None]
) -> None:
    undisturbed, (_, run), step = read_all(places), JOBS[job], EVERY.get(job, 1)
    for kind, failure in FAILURES.items():
        failed = 0
        for first in sorted({(SEED + number) % step for number in range(ROUNDS)}):
            for at in count(first, step):
                give_work(job, places)
                with failing(failure, at) as countdown, allowed(kind):
                    run(places)
                if not countdown.is_over:
                    break
                run(places)
                assert read_all(places) == undisturbed, f"{kind} {at}"
                failed += 1
        record_property(kind, failed)
