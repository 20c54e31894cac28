"""Pictures that cannot be used: remembered by size and times, reported each time, and never a reason to lose a row."""

import os
import shutil
import sys
from pathlib import Path

import pytest

from jobs.embed import run as embed_run
from jobs.errors import JobError
from jobs.postgres.connection import fetch_value, open_connection
from tests.jobs.embed.embed_runs import run, table

LONG_AGO_NS = 1_500_000_000 * 10**9


def write_old(path: Path, data: bytes) -> None:
    """Write a file as an archive extracts it: with an old time."""
    path.write_bytes(data)
    os.utime(path, ns=(LONG_AGO_NS, LONG_AGO_NS))


def remembered(url: str) -> int:
    with open_connection(url) as db:
        return int(fetch_value(db, "SELECT count(*) FROM unreadable_picture"))


@pytest.fixture
def broken(faces: Path, laptop_url: str, weights: str) -> Path:
    """Embedded faces with an old time, and two files among them that are not pictures."""
    for path in faces.rglob("*.jpg"):
        write_old(path, path.read_bytes())
    write_old(faces / "train/sad/broken.jpg", b"not a picture")
    write_old(faces / "train/sad/copy of broken.jpg", b"not a picture")
    assert len(run(faces, laptop_url, weights).failed) == 2
    return faces


def test_a_remembered_file_is_reported_without_any_work(
    broken: Path, laptop_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert remembered(laptop_url) == 2

    def fail(*arguments: object) -> None:
        raise AssertionError("something is read or embedded")

    monkeypatch.setattr(embed_run, "plan_run", fail)
    result = run(broken, laptop_url, None)
    assert [(each.filepath, each.reason) for each in result.failed] == [
        ("sad/broken.jpg", "it is not a picture"),
        ("sad/copy of broken.jpg", "it is not a picture"),
    ]
    assert (result.unchanged, result.embedded) == (40, 0)


def test_a_file_that_was_corrected_is_embedded(broken: Path, laptop_url: str) -> None:
    good = (broken / "train/sad/face_00000.jpg").read_bytes() + b"."
    write_old(broken / "train/sad/broken.jpg", good)
    result = run(broken, laptop_url, None)
    assert (result.embedded, len(result.failed)) == (1, 1)
    assert "sad/broken.jpg" in table(laptop_url) and remembered(laptop_url) == 1
    (broken / "train/sad/copy of broken.jpg").unlink()
    (broken / "train/sad/face_00001.jpg").unlink()
    assert not run(broken, laptop_url, None).failed
    assert remembered(laptop_url) == 0


def test_a_file_that_only_cannot_be_opened_is_tried_again(broken: Path, laptop_url: str) -> None:
    (broken / "train/sad/loop.jpg").symlink_to("loop.jpg")
    assert len(run(broken, laptop_url, None).failed) == 3
    assert remembered(laptop_url) == 2


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such links")
def test_rows_below_a_folder_that_cannot_be_listed_stay(broken: Path, laptop_url: str) -> None:
    before = table(laptop_url)
    shutil.move(broken / "train/happy", broken / "aside")
    (broken / "train/happy").symlink_to("happy", target_is_directory=True)
    (broken / "train/sad/a.jpg").symlink_to("a.jpg")
    (broken / "train/fear/face_00000.jpg").unlink()
    result = run(broken, laptop_url, None)
    assert {each.filepath for each in result.failed} >= {"happy/", "sad/a.jpg"}
    assert result.deleted == 1
    assert table(laptop_url).keys() == before.keys() - {"fear/face_00000.jpg"}
    (broken / "train/happy").unlink()
    shutil.move(broken / "aside", broken / "train/happy")
    run(broken, laptop_url, None)
    assert table(laptop_url).items() <= before.items()


def test_where_nothing_can_be_used_no_row_is_deleted(broken: Path, laptop_url: str) -> None:
    before = table(laptop_url)
    for path in broken.rglob("*.jpg"):
        write_old(path, b"overwritten")
    for _ in range(2):
        with pytest.raises(JobError, match=r"^None of the 42 pictures .* can be used") as raised:
            run(broken, laptop_url, None)
        assert len(raised.value.details["failed"]) == 42  # type: ignore[arg-type]
    assert table(laptop_url) == before
