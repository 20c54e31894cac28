"""embed on a table that changed hands: its record is proved by computing vectors again, or refused."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from jobs.embed.proof import agreement
from jobs.errors import ErrorKind, JobError
from jobs.postgres.connection import fetch_value, open_connection
from jobs.provenance import read_provenance, read_record
from tests.databases import execute
from tests.jobs.embed.embed_runs import run
from tests.jobs.embed.stale_tables import EMPTIED, REMOVED, restore, vectors

HOW = [*REMOVED, *EMPTIED]


@pytest.mark.parametrize("how", HOW)
def test_other_vectors_under_the_same_record_are_refused(
    filled_url: str, drawn_faces: Path, weights: str, how: str
) -> None:
    """Without the proof `embed` says "unchanged" or "renamed", and every search gives wrong neighbours."""
    restore(filled_url, how, shifted=True)
    before = vectors(filled_url)
    with pytest.raises(JobError, match=r"that is not so: row .*adopt DIR.*embed DIR --replace") as refused:
        run(drawn_faces, filled_url, None)
    assert refused.value.kind == ErrorKind.conflict
    assert vectors(filled_url) == before
    replaced = run(drawn_faces, filled_url, weights, replace=True)  # the way that the sentence names
    assert (replaced.replaced, replaced.embedded + replaced.duplicates) == (40, 40)
    assert run(drawn_faces, filled_url, None).unchanged == 40


@pytest.mark.parametrize("how", HOW)
def test_the_same_vectors_are_proved_and_bound_again(filled_url: str, drawn_faces: Path, how: str) -> None:
    expected = vectors(filled_url)
    restore(filled_url, how, shifted=False)
    with open_connection(filled_url) as db:
        assert (read_provenance(db) is None) == (how in REMOVED)
    result = run(drawn_faces, filled_url, None)
    assert (result.renamed, result.deleted, result.failed) == (0, 0, [])
    assert vectors(filled_url).keys() == expected.keys()
    with open_connection(filled_url) as db:
        assert read_provenance(db)
        assert fetch_value(db, "SELECT count(*) FROM embedded_picture") == 40
    assert run(drawn_faces, filled_url, None).unchanged == 40


def test_ids_of_a_restored_table_are_not_taken_for_those_before(filled_url: str, drawn_faces: Path) -> None:
    """The hashes are recorded by id. A restored table may use the same ids for other pictures."""
    restore(filled_url, "dropped", shifted=False)
    execute(filled_url, "UPDATE imagenes_fer SET id = -id", "UPDATE imagenes_fer SET id = 41 + id")
    expected = vectors(filled_url)
    result = run(drawn_faces, filled_url, None)
    assert (result.renamed, result.deleted) == (0, 0)
    assert vectors(filled_url).keys() == expected.keys()
    assert run(drawn_faces, filled_url, None).unchanged == 40


def test_without_any_picture_nothing_is_proved(filled_url: str, drawn_faces: Path, tmp_path: Path) -> None:
    restore(filled_url, "dropped", shifted=False)
    others = tmp_path / "others" / "bored"
    shutil.copytree(drawn_faces / "train" / "happy", others)
    execute(filled_url, "UPDATE embedded_picture SET folder = '/gone'")
    with pytest.raises(JobError, match=r"none of its pictures is here.*adopt DIR.*--replace") as refused:
        run(others.parent, filled_url, None)
    assert refused.value.kind == ErrorKind.conflict


def test_without_its_weights_nothing_is_proved(filled_url: str, drawn_faces: Path) -> None:
    restore(filled_url, "dropped", shifted=False)
    execute(filled_url, "UPDATE embedding SET weights_sha256 = 'ab', weights = 'mine.pt'")
    with pytest.raises(JobError, match=r"cannot be proved: .*mine.pt.*not on this machine.*--weights FILE.*adopt DIR"):
        run(drawn_faces, filled_url, None)


def test_a_foreign_key_that_is_gone_makes_the_record_stale(filled_url: str, drawn_faces: Path) -> None:
    execute(filled_url, "ALTER TABLE embedded_picture DROP CONSTRAINT embedded_picture_image_id_fkey")
    with open_connection(filled_url) as db:
        record = read_record(db)
        assert record and not record.bound
    assert run(drawn_faces, filled_url, None).unchanged == 40
    with open_connection(filled_url) as db:
        assert read_provenance(db)


def test_an_agreement_counts_direction_and_length() -> None:
    one = np.array([3, 4], np.float32)
    assert agreement(one, one) == 1
    assert agreement(one, 2 * one) == pytest.approx(0.75)
    assert agreement(one, np.array([-4, 3], np.float32)) == pytest.approx(0)
    assert agreement(one, 0 * one) == agreement(one, np.array([np.nan, 1], np.float32)) == -1
    assert agreement(one, np.ones(3, np.float32)) == -1
