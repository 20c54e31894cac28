"""adopt: the table of the original tutorial, run twice on Windows, becomes one that every command takes."""

import ntpath
from pathlib import Path

import pytest

from jobs.adopt.rows import KEEP_ONE
from jobs.adopt.run import AdoptOptions, adopt_table
from jobs.errors import ErrorKind, JobError
from jobs.migrate.run import migrate_table
from jobs.postgres.connection import fetch_value, open_connection
from jobs.storage.client import pictures_container
from jobs.target import Target
from jobs.upload.run import upload_pictures
from tests.databases import execute
from tests.jobs.adopt.tutorial_database import make_tutorial_database
from tests.jobs.embed.embed_runs import run, table
from tests.jobs.embed.stale_tables import restore


def counts(url: str) -> tuple[int, ...]:
    with open_connection(url) as db, db.cursor() as cursor:
        cursor.execute(r"SELECT count(*), count(DISTINCT filepath), sum((filepath LIKE '%\\%')::int) FROM imagenes_fer")
        row: tuple[int, ...] = cursor.fetchone() or ()
    return row


def test_the_tutorial_s_table_run_twice(tutorial_url: str, drawn_faces: Path, weights: str) -> None:
    assert counts(tutorial_url) == (80, 40, 80)
    result = adopt_table(tutorial_url, drawn_faces, AdoptOptions(weights=weights, keep_one=True))
    assert (result.rows, result.paths_changed, result.duplicates_deleted) == (40, 40, 40)
    assert (result.vectors_computed, result.with_picture, result.without_picture, result.new_pictures) == (20, 40, 0, 0)
    assert result.lowest_agreement > 0.999999
    assert counts(tutorial_url) == (40, 40, 0)
    before = table(tutorial_url)
    again = run(drawn_faces, tutorial_url, None)
    assert (again.unchanged, again.embedded, again.deleted) == (40, 0, 0)  # the vectors are kept
    assert table(tutorial_url) == before


def test_duplicates_are_named_with_what_ends_them(tutorial_url: str, drawn_faces: Path, weights: str) -> None:
    with pytest.raises(JobError, match=r"40 paths have several rows, such as .*2 times.*--keep-one") as refused:
        adopt_table(tutorial_url, drawn_faces, AdoptOptions(weights=weights))
    assert refused.value.kind == ErrorKind.conflict and KEEP_ONE in str(refused.value)
    assert counts(tutorial_url) == (80, 40, 80)
    execute(tutorial_url, KEEP_ONE)
    assert adopt_table(tutorial_url, drawn_faces, AdoptOptions(weights=weights)).rows == 40


def test_a_dry_run_changes_nothing(tutorial_url: str, drawn_faces: Path, weights: str) -> None:
    options = AdoptOptions(weights=weights, keep_one=True, dry_run=True)
    result = adopt_table(tutorial_url, drawn_faces, options)
    assert (result.rows, result.dry_run) == (40, True) and "nothing was changed" in result.summary()
    assert counts(tutorial_url) == (80, 40, 80)
    with open_connection(tutorial_url) as db:
        assert fetch_value(db, "SELECT to_regclass('embedding') IS NULL AND to_regclass('schema_migration') IS NULL")


def test_vectors_of_other_weights_are_refused(tutorial_url: str, drawn_faces: Path, weights: str) -> None:
    """Every vector is another row's: their lengths and dimensions are right, and no other check finds that."""
    execute(
        tutorial_url,
        "UPDATE imagenes_fer i SET vector = j.vector FROM imagenes_fer j WHERE j.id = (i.id + 1) % 40 + 1",
    )
    with pytest.raises(
        JobError, match=r"20 of 20 vectors are not those.*--weights FILE.*embed DIR --replace"
    ) as refused:
        adopt_table(tutorial_url, drawn_faces, AdoptOptions(weights=weights, keep_one=True))
    assert refused.value.kind == ErrorKind.conflict
    assert counts(tutorial_url) == (80, 40, 80)


def test_absolute_paths_and_names_alone(laptop_url: str, drawn_faces: Path, weights: str) -> None:
    make_tutorial_database(laptop_url, drawn_faces, weights, 1, lambda emotion, name: name)
    assert adopt_table(laptop_url, drawn_faces, AdoptOptions(weights=weights)).paths_changed == 40
    root = r"C:\Users\happy\fer2013\train"
    make_tutorial_database(laptop_url, drawn_faces, weights, 1, lambda *names: ntpath.join(root, *names))
    assert adopt_table(laptop_url, drawn_faces, AdoptOptions(weights=weights)).paths_changed == 40
    assert run(drawn_faces, laptop_url, None).unchanged == 40


def test_labels_that_are_not_the_folder_are_refused(tutorial_url: str, drawn_faces: Path, weights: str) -> None:
    execute(tutorial_url, "UPDATE imagenes_fer SET emotion = 'Feliz' WHERE emotion = 'happy'")
    options = AdoptOptions(weights=weights, keep_one=True)
    with pytest.raises(JobError, match=r"have an emotion that is not a folder.*Feliz") as refused:
        adopt_table(tutorial_url, drawn_faces, options)
    execute(tutorial_url, str(refused.value).rpartition(": ")[2])
    assert adopt_table(tutorial_url, drawn_faces, options).rows == 40


def test_the_wrong_folder_is_named(tutorial_url: str, tmp_path: Path, drawn_faces: Path) -> None:
    other = tmp_path / "other" / "bored"
    other.mkdir(parents=True)
    (other / "x.jpg").write_bytes(next(drawn_faces.rglob("*.jpg")).read_bytes())
    with pytest.raises(JobError, match=r"No row's picture is in .*other: the table has .*, the folder has bored/x.jpg"):
        adopt_table(tutorial_url, tmp_path / "other", AdoptOptions(keep_one=True))


def test_another_vector_of_a_duplicate_is_computed_by_the_next_embed(
    tutorial_url: str, drawn_faces: Path, weights: str
) -> None:
    execute(
        tutorial_url, "UPDATE imagenes_fer SET vector = (SELECT vector FROM imagenes_fer WHERE id = 2) WHERE id = 1"
    )
    adopt_table(tutorial_url, drawn_faces, AdoptOptions(weights=weights, keep_one=True))
    result = run(drawn_faces, tutorial_url, None)
    assert (result.unchanged, result.embedded + result.duplicates) == (39, 1)


@pytest.mark.parametrize("how", ["dropped", "renamed"])
def test_our_own_table_that_a_restore_brought(filled_url: str, drawn_faces: Path, how: str) -> None:
    restore(filled_url, how, shifted=False)
    adopt_table(filled_url, drawn_faces, AdoptOptions())
    assert run(drawn_faces, filled_url, None).unchanged == 40


def test_a_target_s_table_is_proved_with_its_container(
    filled_url: str, target: Target, drawn_faces: Path, weights: str
) -> None:
    migrate_table(filled_url, target)
    upload_pictures(drawn_faces, pictures_container(target))
    execute(target, "DROP TABLE embedding, embedded_picture, schema_migration")
    result = adopt_table(target, target, AdoptOptions(weights=weights))
    assert (result.rows, result.with_picture, result.vectors_computed) == (40, 40, 20)
    assert migrate_table(filled_url, target).identical
