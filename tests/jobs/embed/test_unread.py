"""Files whose size and times are recorded are not read again, unless they are racily clean."""

import os
from pathlib import Path

import pytest

from jobs.embed.options import EmbedOptions
from jobs.embed.run import embed_pictures
from jobs.postgres.connection import open_connection

LONG_AGO_NS = 1_500_000_000 * 10**9


@pytest.fixture
def aged(faces: Path) -> Path:
    """The faces as an archive extracts them, with the same old time; each has a byte behind its picture."""
    for path in faces.rglob("*.jpg"):
        path.write_bytes(path.read_bytes() + b".")
        os.utime(path, ns=(LONG_AGO_NS, LONG_AGO_NS))
    return faces


def run(folder: Path, url: str, weights: str | None = None) -> tuple[int, int, int, int]:
    """Embedded, unchanged, renamed, duplicates."""
    result = embed_pictures(folder, url, EmbedOptions(weights=weights))
    return result.embedded, result.unchanged, result.renamed, result.duplicates


def with_stat(url: str) -> int:
    """Return how many rows have the recorded size and times of their file."""
    with open_connection(url) as db, db.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM embedded_picture WHERE size > 0 AND mtime_ns > 0 AND ctime_ns > 0")
        return int(cursor.fetchone()[0])  # type: ignore[index]


def update(url: str, statement: str, *values: object) -> None:
    with open_connection(url) as db, db.cursor() as cursor:
        cursor.execute(statement, values)
        db.commit()


def change_last_byte(path: Path) -> None:
    """Change a file, but not its size and modification time."""
    before = path.stat()
    path.write_bytes(path.read_bytes()[:-1] + b"!")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


@pytest.mark.parametrize("also_new", [False, True])
def test_a_file_whose_stat_is_recorded_is_not_read(aged: Path, laptop_url: str, weights: str, also_new: bool) -> None:
    assert run(aged, laptop_url, weights)[0] == with_stat(laptop_url) == 40
    path = aged / "train/happy/face_00000.jpg"
    change_last_byte(path)
    changed = path.stat()
    update(
        laptop_url,
        "UPDATE embedded_picture e SET ctime_ns = %s FROM imagenes_fer i WHERE i.id = e.image_id AND i.filepath = %s",
        changed.st_ctime_ns,
        "happy/face_00000.jpg",
    )
    if also_new:  # then the run checks every file
        new = aged / "train/sad/new.jpg"
        new.write_bytes((aged / "train/sad/face_00000.jpg").read_bytes() + b"!")
    assert run(aged, laptop_url) == (int(also_new), 40, 0, 0)


def test_a_change_that_keeps_size_and_modification_time_is_detected(aged: Path, laptop_url: str, weights: str) -> None:
    run(aged, laptop_url, weights)
    change_last_byte(aged / "train/happy/face_00000.jpg")
    assert run(aged, laptop_url) == (1, 39, 0, 0)


def test_files_of_equal_size_and_time_that_swap_names_are_renamed(aged: Path, laptop_url: str, weights: str) -> None:
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


def test_a_racily_clean_file_is_read_again(aged: Path, laptop_url: str, weights: str) -> None:
    path = aged / "train/happy/face_00000.jpg"
    path.touch()
    run(aged, laptop_url, weights)
    assert with_stat(laptop_url) == 39
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    assert run(aged, laptop_url) == (1, 39, 0, 0)


def test_stats_are_recorded_as_soon_as_files_are_not_racy(aged: Path, laptop_url: str, weights: str) -> None:
    run(aged, laptop_url, weights)
    update(
        laptop_url, "UPDATE embedded_picture SET size = NULL, mtime_ns = NULL, ctime_ns = NULL"
    )  # as before migration 0004
    for path in (aged / "train/sad").iterdir():
        os.utime(path, ns=(0, LONG_AGO_NS + 1))
    assert run(aged, laptop_url) == (0, 40, 0, 0)
    assert with_stat(laptop_url) == 40


def test_a_deleted_picture_is_detected_if_all_others_are_unchanged(aged: Path, laptop_url: str, weights: str) -> None:
    run(aged, laptop_url, weights)
    (aged / "train/happy/face_00000.jpg").unlink()
    result = embed_pictures(aged, laptop_url, EmbedOptions())
    assert (result.found, result.unchanged, result.deleted) == (39, 39, 1)
