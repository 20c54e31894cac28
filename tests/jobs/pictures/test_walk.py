"""What cannot be listed or opened is one failed picture, and what lies below it does not count as deleted."""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from jobs.pictures.read import PictureSource, read_contents
from jobs.pictures.scan import FolderScan, find_pictures

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows does not allow such files")


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder with one good picture, that any user may read."""
    with tempfile.TemporaryDirectory(prefix="faces-", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o755)
        touch(Path(name) / "train/happy/good.jpg")
        yield Path(name) / "train"


def touch(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"")


def failed(folder: Path) -> dict[str, str]:
    """Scan a folder. Return its failures, and assert that the good picture is found."""
    scan = find_pictures(folder)
    assert "happy/good.jpg" in [picture.filepath for picture in scan.pictures]
    return {each.filepath: each.reason for each in scan.failed}


def test_links_to_themselves_and_in_a_circle(folder: Path) -> None:
    (folder / "happy/a.jpg").symlink_to("a.jpg")
    (folder / "happy/b.jpg").symlink_to("c.jpg")
    (folder / "happy/c.jpg").symlink_to("b.jpg")
    (folder / "sad").symlink_to("sad", target_is_directory=True)
    (folder / "fear").symlink_to("angry", target_is_directory=True)
    (folder / "angry").symlink_to("fear", target_is_directory=True)
    (folder / "disgust").symlink_to("/no/such/disk", target_is_directory=True)
    reasons = failed(folder)
    assert set(reasons) == {"happy/a.jpg", "happy/b.jpg", "happy/c.jpg", "sad/", "fear/", "angry/", "disgust/"}
    assert "Too many levels of symbolic links" in reasons["happy/a.jpg"]
    assert {"sad/", "fear/", "angry/", "disgust/"} <= set(find_pictures(folder).unlisted)


def test_a_folder_and_a_file_that_may_not_be_read(folder: Path) -> None:
    touch(folder / "sad/hidden.jpg")
    (folder / "sad").chmod(0)
    (folder / "happy/closed.jpg").write_bytes(b"x")
    (folder / "happy/closed.jpg").chmod(0)
    root = os.geteuid() == 0
    if root:
        os.seteuid(65534)  # root may read everything
    try:
        reasons = failed(folder)
        _, unread = read_contents(find_pictures(folder).pictures, lambda steps: None, PictureSource(str(folder)))
    finally:
        if root:
            os.seteuid(0)
        (folder / "sad").chmod(0o755)
    assert reasons == {"sad/": "the folder cannot be listed: Permission denied"}
    assert {each.filepath: each.reason for each in unread} == {
        "happy/closed.jpg": "it cannot be opened: Permission denied"
    }


def test_paths_that_are_too_long_for_the_system(folder: Path) -> None:
    start = os.open(folder / "happy", os.O_RDONLY)
    here = start
    for _ in range(20):  # each name is allowed, all of them together are not
        os.mkdir("x" * 250, dir_fd=here)
        here = os.open("x" * 250, os.O_RDONLY, dir_fd=here)
    os.close(os.open("deep.jpg", os.O_CREAT | os.O_WRONLY, dir_fd=here))
    ((name, reason),) = failed(folder).items()
    assert name.startswith("happy/xxx") and reason == "the folder cannot be listed: File name too long"
    shutil.rmtree("x" * 250, dir_fd=start)


def test_a_file_that_is_deleted_after_the_listing(folder: Path) -> None:
    touch(folder / "sad/gone.jpg")
    pictures = find_pictures(folder).pictures
    (folder / "sad/gone.jpg").unlink()
    contents, unread = read_contents(pictures, lambda steps: None, PictureSource(str(folder)))
    assert [content.picture.filepath for content in contents] == ["happy/good.jpg"]
    assert [each.filepath for each in unread] == ["sad/gone.jpg"]


def test_a_folder_that_is_deleted_during_the_listing(folder: Path) -> None:
    touch(folder / "angry/gone.jpg")  # the folders are listed from the last one on
    scan = FolderScan(folder)
    files = scan.files()
    assert next(files).filepath == "happy/good.jpg"
    shutil.rmtree(folder / "angry")
    assert [file.filepath for file in files] == scan.unlisted == ["angry/"]
