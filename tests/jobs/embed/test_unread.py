"""Files that are not read again: known by size and times, which are trusted only where they cannot deceive."""

import os
from pathlib import Path

import pytest

from jobs.embed.options import EmbedOptions
from jobs.embed.run import embed_pictures
from jobs.postgres.connection import open_connection

LONG_AGO_NS = 1_500_000_000 * 10**9


@pytest.fixture
def aged(faces: Path) -> Path:
    """The faces as an archive leaves them, all of one time, long ago; with a byte each that is not of the picture."""
    for path in faces.rglob("*.jpg"):
        path.write_bytes(path.read_bytes() + b".")
        os.utime(path, ns=(LONG_AGO_NS, LONG_AGO_NS))
    return faces


def run(folder: Path, url: str, weights: str | None = None) -> tuple[int, int, int, int]:
    """Embedded, unchanged, renamed, duplicates."""
    result = embed_pictures(folder, url, EmbedOptions(weights=weights))
    return result.embedded, result.unchanged, result.renamed, result.duplicates


def stamped(url: str) -> int:
    """How many rows know their file unread."""
    with open_connection(url) as db, db.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM embedded_picture WHERE size > 0 AND mtime_ns > 0 AND ctime_ns > 0")
        return int(cursor.fetchone()[0])  # type: ignore[index]


def update(url: str, statement: str, *values: object) -> None:
    with open_connection(url) as db, db.cursor() as cursor:
        cursor.execute(statement, values)
        db.commit()


def other_content(path: Path) -> None:
    """As many bytes and the same modification time."""
    before = path.stat()
    path.write_bytes(path.read_bytes()[:-1] + b"!")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


@pytest.mark.parametrize("also_new", [False, True])
def test_a_file_whose_stamp_is_recorded_is_not_read(aged: Path, laptop_url: str, weights: str, also_new: bool) -> None:
    assert run(aged, laptop_url, weights)[0] == stamped(laptop_url) == 40
    path = aged / "train/happy/face_00000.jpg"
    other_content(path)
    told = path.stat()
    update(
        laptop_url,
        "UPDATE embedded_picture e SET ctime_ns = %s FROM imagenes_fer i WHERE i.id = e.image_id AND i.filepath = %s",
        told.st_ctime_ns,
        "happy/face_00000.jpg",
    )
    if also_new:  # then every file is looked at one by one
        new = aged / "train/sad/new.jpg"
        new.write_bytes((aged / "train/sad/face_00000.jpg").read_bytes() + b"!")
    assert run(aged, laptop_url) == (int(also_new), 40, 0, 0)


def test_a_change_that_keeps_size_and_modification_time_is_seen(aged: Path, laptop_url: str, weights: str) -> None:
    run(aged, laptop_url, weights)
    other_content(aged / "train/happy/face_00000.jpg")
    assert run(aged, laptop_url) == (1, 39, 0, 0)


def test_files_of_one_size_and_time_that_swap_names_are_renamed(aged: Path, laptop_url: str, weights: str) -> None:
    first, second = sorted((aged / "train/happy").iterdir())[:2]
    size = max(first.stat().st_size, second.stat().st_size)
    for path in (first, second):
        path.write_bytes(path.read_bytes().ljust(size, b" "))
        os.utime(path, ns=(LONG_AGO_NS, LONG_AGO_NS))
    run(aged, laptop_url, weights)
    first.rename(aged / "aside")
    second.rename(first)
    (aged / "aside").rename(second)
    assert run(aged, laptop_url) == (0, 38, 2, 0)
    assert run(aged, laptop_url) == (0, 40, 0, 0)


def test_a_file_as_new_as_the_run_is_read_again(aged: Path, laptop_url: str, weights: str) -> None:
    path = aged / "train/happy/face_00000.jpg"
    path.touch()
    run(aged, laptop_url, weights)
    assert stamped(laptop_url) == 39
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    assert run(aged, laptop_url) == (1, 39, 0, 0)


def test_stamps_are_recorded_as_soon_as_they_can_be_trusted(aged: Path, laptop_url: str, weights: str) -> None:
    run(aged, laptop_url, weights)
    update(laptop_url, "UPDATE embedded_picture SET size = NULL, mtime_ns = NULL, ctime_ns = NULL")  # as before 0004
    for path in (aged / "train/sad").iterdir():
        os.utime(path, ns=(0, LONG_AGO_NS + 1))
    assert run(aged, laptop_url) == (0, 40, 0, 0)
    assert stamped(laptop_url) == 40


def test_a_picture_that_is_gone_is_noticed_though_all_others_are_as_they_were(
    aged: Path, laptop_url: str, weights: str
) -> None:
    run(aged, laptop_url, weights)
    (aged / "train/happy/face_00000.jpg").unlink()
    result = embed_pictures(aged, laptop_url, EmbedOptions())
    assert (result.found, result.unchanged, result.deleted) == (39, 39, 1)
