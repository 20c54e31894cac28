"""upload, into Azurite."""

import hashlib
import shutil
from pathlib import Path

import pytest

from jobs.errors import JobError
from jobs.storage.client import pictures_container, storage_service, upload_blob
from jobs.target import Target
from jobs.upload.run import upload_pictures


def test_pictures_lie_under_their_paths_with_type_and_md5(faces: Path, target: Target) -> None:
    train = faces / "train"
    (train / "happy" / "a b é#?%20.PNG").write_bytes((train / "sad/face_00000.jpg").read_bytes())
    (train / "sad" / "broken.jpg").write_bytes(b"no picture")
    container = pictures_container(target)
    result = upload_pictures(faces, container)
    assert (result.uploaded, result.skipped, result.failed) == (42, 0, [])
    blobs = {blob.name: blob for blob in container.list_blobs()}
    assert set(blobs) == {"train/" + path.relative_to(train).as_posix() for path in train.rglob("*.*")}
    for name, blob in blobs.items():
        data = (faces / name).read_bytes()
        assert container.download_blob(name).readall() == data
        assert bytes(blob.content_settings.content_md5) == hashlib.md5(data).digest()  # noqa: S324 - Azure's choice
        assert blob.content_settings.content_type == ("image/png" if name.endswith("PNG") else "image/jpeg")


def test_equal_ones_are_skipped_and_changed_ones_replaced(faces: Path, target: Target) -> None:
    container = pictures_container(target)
    upload_pictures(faces, container)
    one, two = sorted((faces / "train/happy").iterdir())[:2]
    shutil.copy(one, two)
    result = upload_pictures(faces, container)
    assert (result.uploaded, result.skipped, result.bytes) == (1, 39, one.stat().st_size)
    assert container.download_blob(f"train/happy/{two.name}").readall() == one.read_bytes()


def test_deleted_pictures_go_only_when_asked(faces: Path, target: Target) -> None:
    container = pictures_container(target)
    upload_blob(container, "elsewhere/keep.jpg", b"x")
    upload_pictures(faces, container)
    gone = faces / "train/happy/face_00000.jpg"
    gone.unlink()
    upload_pictures(faces, container)
    assert container.get_blob_client("train/happy/face_00000.jpg").exists()
    assert upload_pictures(faces, container, prune=True).pruned == 1
    assert not container.get_blob_client("train/happy/face_00000.jpg").exists()
    assert container.get_blob_client("elsewhere/keep.jpg").exists()


def test_a_missing_container_is_reported(faces: Path, target: Target) -> None:
    nowhere = storage_service(target, target.pictures_url).get_container_client("nowhere")
    with pytest.raises(JobError, match=r"no container .*nowhere"):
        upload_pictures(faces, nowhere)
