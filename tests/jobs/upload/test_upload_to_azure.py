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
from tests.azure_fakes.blob_storage import StorageAccount, error_response
from tests.azure_fakes.cloud import Cloud, requests_with_method
from tests.fake_programs import FakeProgram


def test_pictures_arrive_with_their_md5_and_a_token(
    faces: Path, azure_target: Target, cloud: Cloud, storage_account: StorageAccount, az: FakeProgram
) -> None:
    result = upload_pictures(faces, pictures_container(azure_target))
    assert (result.uploaded, result.failed) == (40, [])
    assert {name: data for (_, name), (data, _) in storage_account.blobs.items()} == {
        path.relative_to(faces).as_posix(): path.read_bytes() for path in faces.rglob("*.jpg")
    }
    for request in requests_with_method(cloud, "PUT"):
        md5 = base64.b64encode(hashlib.md5(request.body).digest()).decode()  # noqa: S324 - Azure's choice
        assert request.headers["content-md5"] == request.headers["x-ms-blob-content-md5"] == md5
        assert request.headers["authorization"] == "Bearer marker-token-of-the-tests"
        assert request.headers["x-ms-blob-content-type"] == "image/jpeg"
    assert "https://storage.azure.com" in " ".join(az.calls()[0])


def test_every_page_of_a_listing_is_read(
    faces: Path, azure_target: Target, cloud: Cloud, storage_account: StorageAccount
) -> None:
    upload_pictures(faces, pictures_container(azure_target))
    storage_account.page = 7
    cloud.requests.clear()
    result = upload_pictures(faces, pictures_container(azure_target))
    assert (result.uploaded, result.skipped) == (0, 40)
    pages = requests_with_method(cloud, "GET")
    assert len(pages) == 6 == len({page.query.get("marker", "") for page in pages})
    assert requests_with_method(cloud, "PUT") == []


def test_a_body_that_was_damaged_on_its_way_is_refused(
    faces: Path, azure_target: Target, storage_account: StorageAccount
) -> None:
    storage_account.damage = True
    with pytest.raises(JobError, match=r"damaged on its way to the storage at .*: run the same command again"):
        upload_pictures(faces, pictures_container(azure_target))
    assert storage_account.blobs == {}


def test_a_run_that_failed_goes_on_where_it_stopped(
    faces: Path, azure_target: Target, cloud: Cloud, storage_account: StorageAccount, storage_waits: list[float]
) -> None:
    puts = count()
    broken = error_response(403, "AuthorizationPermissionMismatch", "Not authorized.")
    storage_account.faults.append(lambda r: broken if r.method == "PUT" and next(puts) >= 15 else None)
    with pytest.raises(JobError):
        upload_pictures(faces, pictures_container(azure_target))
    uploaded = len(storage_account.blobs)
    assert 0 < uploaded < 40
    storage_account.faults.clear()
    result = upload_pictures(faces, pictures_container(azure_target))
    assert (result.uploaded, result.skipped) == (40 - uploaded, uploaded)


def test_deleted_pictures_go_when_asked(
    faces: Path, azure_target: Target, cloud: Cloud, storage_account: StorageAccount
) -> None:
    storage_account.blobs["imagenes", "train/happy/gone & <away> é.jpg"] = (b"x", None)
    assert upload_pictures(faces, pictures_container(azure_target), prune=True).pruned == 1
    assert len(storage_account.blobs) == 40
