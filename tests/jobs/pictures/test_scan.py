"""Which files are pictures, and their names."""

import os
import sys
from pathlib import Path

import pytest

from jobs.errors import JobError
from jobs.pictures.scan import find_pictures

posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows does not allow such files")


def touch(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"")


def paths(folder: Path) -> list[str]:
    return [picture.filepath for picture in find_pictures(folder).pictures]


def reasons(folder: Path) -> dict[str, str]:
    return {failed.filepath: failed.reason for failed in find_pictures(folder).failed}


def test_suffixes_in_any_case_and_folders_below(tmp_path: Path) -> None:
    touch(
        tmp_path / "train", "happy/a.JPG", "happy/b.jpeg", "sad/deep/er/c.Png", "sad/notes.txt", "sad/d.gif", "sad/jpg"
    )
    assert paths(tmp_path) == ["happy/a.JPG", "happy/b.jpeg", "sad/deep/er/c.Png"]
    assert [picture.emotion for picture in find_pictures(tmp_path).pictures] == ["happy", "happy", "sad"]


def test_the_folder_itself_may_hold_the_emotions(tmp_path: Path) -> None:
    touch(tmp_path, "happy/a b é 日本.jpg", "test/x.jpg")
    assert paths(tmp_path) == ["happy/a b é 日本.jpg"]
    touch(tmp_path, "train/sad/y.jpg")
    assert paths(tmp_path) == ["sad/y.jpg"]


def test_a_folder_named_like_a_picture_is_a_folder(tmp_path: Path) -> None:
    touch(tmp_path, "happy/album.jpg/a.jpg")
    assert paths(tmp_path) == ["happy/album.jpg/a.jpg"]


def test_linked_folders_never_give_a_picture_twice(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    folder = tmp_path / "faces"
    touch(outside, "far/b.jpg")
    touch(folder, "happy/a.jpg")
    (folder / "alias").symlink_to(folder / "happy", target_is_directory=True)
    (folder / "up").symlink_to(tmp_path, target_is_directory=True)
    (folder / "far").symlink_to(outside / "far", target_is_directory=True)
    (folder / "happy" / "loop").symlink_to(folder, target_is_directory=True)
    real_paths = [os.path.realpath(picture.path) for picture in find_pictures(folder).pictures]
    assert sorted(real_paths) == sorted(
        {os.path.realpath(folder / "happy/a.jpg"), os.path.realpath(outside / "far/b.jpg")}
    )


def test_a_dangling_link_is_reported(tmp_path: Path) -> None:
    touch(tmp_path, "happy/a.jpg")
    (tmp_path / "happy/gone.jpg").symlink_to(tmp_path / "nowhere.jpg")
    assert paths(tmp_path) == ["happy/a.jpg"]
    assert "cannot be opened" in reasons(tmp_path)["happy/gone.jpg"]


@posix
def test_names_that_storage_or_table_do_not_allow_are_reported(tmp_path: Path) -> None:
    touch(tmp_path, "happy/a\\b.jpg", "happy/new\nline.jpg", "sad./c.jpg", "top.jpg")
    touch(tmp_path, "happy/\uffff.jpg", "happy/\x81.jpg")
    invalid = os.fsencode(tmp_path) + b"/happy/\xff.jpg"
    os.close(os.open(invalid, os.O_CREAT))
    os.mkfifo(tmp_path / "happy" / "pipe.png")
    failed = reasons(tmp_path)
    assert paths(tmp_path) == []
    assert "backslash" in failed["happy/a\\b.jpg"]
    assert "control character" in failed["happy/new\nline.jpg"]
    assert "U+FFFF" in failed["happy/\uffff.jpg"]
    assert "control character" in failed["happy/\x81.jpg"]
    assert "dot" in failed["sad./c.jpg"]
    assert "emotion" in failed["top.jpg"]
    assert "not valid text" in failed["happy/\\udcff.jpg"]
    assert "regular" in failed["happy/pipe.png"]


def test_a_missing_folder_and_a_folder_without_pictures_are_errors(tmp_path: Path) -> None:
    with pytest.raises(JobError, match="no folder"):
        find_pictures(tmp_path / "nowhere")
    touch(tmp_path, "happy/readme.txt")
    with pytest.raises(JobError, match="no picture"):
        find_pictures(tmp_path)
