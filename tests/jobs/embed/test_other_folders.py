"""A second folder with the same names does not take over the rows of the first one."""

import shutil
from pathlib import Path

import pytest

from jobs.embed.options import EmbedOptions
from jobs.embed.run import embed_pictures
from jobs.errors import ErrorKind, JobError
from jobs.pictures.locate import PicturesFolder
from jobs.pictures.sample import draw_sample
from jobs.postgres.connection import open_connection
from tests.jobs.embed.embed_runs import run, table


@pytest.fixture
def others(tmp_path: Path) -> Path:
    """Other faces with the same names."""
    draw_sample(tmp_path / "others", 40, 2)
    return tmp_path / "others"


def folders(url: str) -> dict[str, int]:
    """Rows by the folder that they came from."""
    with open_connection(url) as db, db.cursor() as cursor:
        cursor.execute("SELECT folder, count(*) FROM embedded_picture GROUP BY folder")
        return {str(folder): int(count) for folder, count in cursor}


def test_different_pictures_of_the_same_names_are_refused_before_anything_changes(
    faces: Path, others: Path, laptop_url: str, weights: str
) -> None:
    run(faces, laptop_url, weights)
    before, owners = table(laptop_url), folders(laptop_url)
    (others / "train/angry/new.jpg").write_bytes((others / "train/sad/face_00000.jpg").read_bytes() + b".")
    with pytest.raises(JobError) as raised:
        run(others, laptop_url, weights)
    sentence = str(raised.value)
    assert raised.value.kind is ErrorKind.conflict
    assert str(others / "train") in sentence and str(faces / "train") in sentence
    assert "40 pictures" in sentence and "angry/face_00000.jpg" in sentence
    assert "--as PREFIX" in sentence and "--replace" in sentence
    assert (table(laptop_url), folders(laptop_url)) == (before, owners)


def test_a_prefix_gives_them_rows_of_their_own(faces: Path, others: Path, laptop_url: str, weights: str) -> None:
    run(faces, laptop_url, weights)
    before = table(laptop_url)
    named = PicturesFolder(others, "second")
    assert embed_pictures(named, laptop_url, EmbedOptions(weights=weights)).embedded == 40
    after = table(laptop_url)
    assert before.items() <= after.items() and len(after) == 80
    assert {path.split("/")[1] for path in after.keys() - before.keys()} == {"second"}
    assert {emotion for path, (_, emotion, _) in after.items()} == {path.partition("/")[0] for path in before}
    again = embed_pictures(named, laptop_url, EmbedOptions())
    assert (again.unchanged, again.deleted) == (40, 0)
    assert run(faces, laptop_url, None).unchanged == 40
    assert table(laptop_url) == after


def test_replace_leaves_the_second_folder_alone_in_the_table(
    faces: Path, others: Path, laptop_url: str, weights: str
) -> None:
    run(faces, laptop_url, weights)
    assert run(others, laptop_url, weights, replace=True).embedded == 40
    assert folders(laptop_url) == {str(others / "train"): 40}


def test_a_copy_of_the_folder_leaves_the_rows_with_the_first_one(faces: Path, laptop_url: str, weights: str) -> None:
    run(faces, laptop_url, weights)
    before, owners = table(laptop_url), folders(laptop_url)
    copy = shutil.copytree(faces, faces.with_name("copy"))
    assert run(copy, laptop_url, None).unchanged == 40
    assert (table(laptop_url), folders(laptop_url)) == (before, owners)
    (copy / "train/sad/face_00000.jpg").unlink()
    assert run(copy, laptop_url, None).deleted == 0


def test_a_moved_folder_keeps_its_rows_also_with_some_pictures_changed(
    faces: Path, laptop_url: str, weights: str
) -> None:
    run(faces, laptop_url, weights)
    before = table(laptop_url)
    moved = faces.rename(faces.with_name("moved"))
    changed = moved / "train/sad/face_00000.jpg"
    changed.write_bytes(changed.read_bytes() + b".")
    result = run(moved, laptop_url, None)
    assert (result.unchanged, result.embedded) == (39, 1)
    assert table(laptop_url) == before
    assert folders(laptop_url) == {str(moved / "train"): 40}


def test_a_disk_that_is_not_connected_does_not_lose_its_rows(
    faces: Path, others: Path, laptop_url: str, weights: str
) -> None:
    run(faces, laptop_url, weights)
    before = table(laptop_url)
    faces.rename(faces.with_name("elsewhere"))
    with pytest.raises(JobError, match="--as PREFIX"):
        run(others, laptop_url, None)
    assert table(laptop_url) == before
