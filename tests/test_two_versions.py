"""Two versions of the project on one database at once: rows stay right, and the older one says that it is older."""

import shutil
import sys
from pathlib import Path

import pytest

from jobs import PROJECT
from jobs.local.services import postgres_server
from jobs.target import Target
from tests.databases import execute
from tests.test_faulty_network import Places, read_state

if sys.platform == "win32":
    pytest.skip("Windows has no signals, which test_signals.py needs", allow_module_level=True)

from tests.test_signals import COMMANDS, fill_places, start, undo

OLDER = "A newer version of this project has upgraded this database (0099_later): use that version (`git pull`)."
FORGET = ("ALTER TABLE embedding DROP COLUMN later", "DELETE FROM schema_migration WHERE name = '0099_later'")


@pytest.fixture
def later_version(tmp_path: Path) -> Path:
    """A checkout of the project that has one migration more."""
    folder = tmp_path / "later"
    shutil.copytree(PROJECT / "jobs", folder / "jobs", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(PROJECT / "adf", folder / "adf")
    for file in PROJECT.glob("requirements*"):
        shutil.copy(file, folder)
    migration = folder / "jobs/postgres/migrations/0099_later.sql"
    migration.write_text("ALTER TABLE embedding ADD COLUMN later text", encoding="utf-8")
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("job", ["embed", pytest.param("migrate", marks=pytest.mark.chaos)])
def test_two_versions_at_once(job: str, laptop: Target, faces: Path, weights: str, later_version: Path) -> None:
    places, undisturbed = fill_places(laptop, faces, weights)
    database = {"embed": places.source, "migrate": places.target}[job]
    try:
        undo(job, places)
        now, later = (start(COMMANDS[job](places), checkout) for checkout in (PROJECT, later_version))
        (_, older_errors), (_, later_errors) = now.communicate(), later.communicate()
        assert later.returncode == 0, later_errors
        assert now.returncode == 0 or OLDER in older_errors, older_errors
        assert read_state(places) == undisturbed
        again = start(COMMANDS[job](places))
        assert OLDER in again.communicate()[1]
        assert again.returncode == 1
        assert read_state(places) == undisturbed
    finally:
        execute(database, *FORGET)


def test_migrations_of_another_program_are_not_ours(laptop: Target, faces: Path, weights: str) -> None:
    places = Places(postgres_server("laptop").url(), laptop, faces, weights)
    execute(
        places.source,
        "CREATE TABLE schema_migration (name text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())",
        "INSERT INTO schema_migration (name) VALUES ('20240101120000'), ('initial')",
    )
    command = start(COMMANDS["embed"](places))
    assert (command.communicate()[1].count("newer version"), command.returncode) == (0, 0)
