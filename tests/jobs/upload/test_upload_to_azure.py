"""upload to Blob Storage as on Azure: pictures arrive undamaged, every page is read, a failed run goes on."""

import base64
import hashlib
from itertools import count
from pathlib import Path

import pytest

from jobs.errors import JobError
from jobs.storage.client import pictures_container
from jobs.target import Target
from jobs.upload.run import upload_pictures
from tests.azure_fakes.blob_storage import Storage, refusal
from tests.azure_fakes.cloud import Cloud, asked
from tests.fake_programs import Program


def test_pictures_arrive_with_their_md5_and_a_token(
    faces: Path, azure: Target, cloud: Cloud, storage: Storage, az: Program
) -> None:
    result = upload_pictures(faces, pictures_container(azure))
    assert (result.uploaded, result.failed) == (40, [])
    assert {name: data for (_, name), (data, _) in storage.blobs.items()} == {
        path.relative_to(faces).as_posix(): path.read_bytes() for path in faces.rglob("*.jpg")
    }
    for request in asked(cloud, "PUT"):
        md5 = base64.b64encode(hashlib.md5(request.body).digest()).decode()  # noqa: S324 - Azure's choice
        assert request.headers["content-md5"] == request.headers["x-ms-blob-content-md5"] == md5
        assert request.headers["authorization"] == "Bearer marker-token-of-the-tests"
        assert request.headers["x-ms-blob-content-type"] == "image/jpeg"
    assert "https://storage.azure.com" in " ".join(az.calls()[0])


def test_every_page_of_a_listing_is_read(faces: Path, azure: Target, cloud: Cloud, storage: Storage) -> None:
    upload_pictures(faces, pictures_container(azure))
    storage.page = 7
    cloud.asked.clear()
    result = upload_pictures(faces, pictures_container(azure))
    assert (result.uploaded, result.skipped) == (0, 40)
    pages = asked(cloud, "GET")
    assert len(pages) == 6 == len({page.query.get("marker", "") for page in pages})
    assert asked(cloud, "PUT") == []


def test_a_body_that_was_damaged_on_its_way_is_refused(faces: Path, azure: Target, storage: Storage) -> None:
    storage.damage = True
    with pytest.raises(JobError, match=r"damaged on its way to the storage at .*: run the same command again"):
        upload_pictures(faces, pictures_container(azure))
    assert storage.blobs == {}


def test_a_run_that_failed_goes_on_where_it_stopped(
    faces: Path, azure: Target, cloud: Cloud, storage: Storage, waits: list[float]
) -> None:
    puts = count()
    broken = refusal(403, "AuthorizationPermissionMismatch", "Not authorized.")
    storage.faults.append(lambda r: broken if r.method == "PUT" and next(puts) >= 15 else None)
    with pytest.raises(JobError):
        upload_pictures(faces, pictures_container(azure))
    uploaded = len(storage.blobs)
    assert 0 < uploaded < 40
    storage.faults.clear()
    result = upload_pictures(faces, pictures_container(azure))
    assert (result.uploaded, result.skipped) == (40 - uploaded, uploaded)


def test_deleted_pictures_go_when_asked(faces: Path, azure: Target, cloud: Cloud, storage: Storage) -> None:
    storage.blobs["imagenes", "train/happy/gone & <away> é.jpg"] = (b"x", None)
    assert upload_pictures(faces, pictures_container(azure), prune=True).pruned == 1
    assert len(storage.blobs) == 40
