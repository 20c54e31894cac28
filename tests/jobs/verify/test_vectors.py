"""verify computes some of the laptop's vectors again, and compares every label with its folder."""

import pytest

from jobs.migrate.run import migrate_table
from jobs.postgres.connection import open_connection
from jobs.provenance import read_provenance
from jobs.target import Target
from jobs.verify.run import verify_target
from tests.databases import execute
from tests.jobs.embed.stale_tables import BACKUP, REMOVED, SHIFT, restore

REVERSED = (BACKUP, SHIFT)
WRITE_BACK = "UPDATE imagenes_fer i SET vector = b.vector FROM backup b WHERE b.id = i.id"


def test_vectors_are_computed_again(flown: tuple[Target, str]) -> None:
    result = verify_target(*flown)
    assert (result.ok, result.vectors_computed, result.not_checked) == (True, 5, [])
    assert "5 vectors computed again" in result.summary()


@pytest.mark.parametrize("how", REMOVED)
def test_a_backup_with_other_vectors_is_found(flown: tuple[Target, str], how: str) -> None:
    """On all sides the same: without the work of computing them again nothing shows it."""
    restore(flown[1], how, shifted=True)
    restore(flown[0], how, shifted=True)
    result = verify_target(*flown)
    assert not result.ok
    assert result.problems[0].startswith("laptop database: The record says that ")


@pytest.mark.parametrize("how", REMOVED)
def test_a_backup_with_the_same_vectors_is_proved(flown: tuple[Target, str], how: str) -> None:
    restore(flown[1], how, shifted=False)
    assert verify_target(*flown).ok
    with open_connection(flown[1]) as db:
        assert read_provenance(db)


def test_vectors_changed_by_hand_are_found(flown: tuple[Target, str]) -> None:
    execute(flown[1], *REVERSED, WRITE_BACK, "DROP TABLE backup")
    migrate_table(flown[1], flown[0])
    result = verify_target(*flown)
    assert any(
        problem.startswith("laptop database: the vector computed again: row ") and "embed DIR --replace" in problem
        for problem in result.problems
    )


def test_labels_changed_by_hand_are_found(flown: tuple[Target, str]) -> None:
    execute(flown[1], "UPDATE imagenes_fer SET emotion = 'sad' WHERE filepath = 'happy/face_00000.jpg'")
    execute(flown[0], "UPDATE imagenes_fer SET emotion = 'sad' WHERE filepath = 'happy/face_00000.jpg'")
    found = [problem for problem in verify_target(*flown).problems if problem.startswith("laptop database: row ")]
    assert len(found) == 1
    assert "(happy/face_00000.jpg, sad) has another emotion than its folder" in found[0]


def test_what_is_not_checked_is_named(flown: tuple[Target, str]) -> None:
    execute(flown[1], "UPDATE embedded_picture SET folder = '/gone'")
    result = verify_target(*flown)
    assert (result.ok, result.vectors_computed) == (True, 0)
    assert result.not_checked == ["the laptop's vectors: none of its pictures is where it was, as it was"]
    assert "Not checked: the laptop's vectors" in result.summary()


def test_weights_that_are_gone_are_named(flown: tuple[Target, str]) -> None:
    for place in flown:
        execute(place, "UPDATE embedding SET weights_sha256 = 'ab', weights = 'mine.pt'")
    assert "mine.pt" in verify_target(*flown).not_checked[0]
