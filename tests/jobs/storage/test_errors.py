"""Blob Storage's error codes, invalid answers and a missing login: one sentence for each."""

from dataclasses import replace
from pathlib import Path

import pytest

from jobs.embed import from_blob
from jobs.errors import JobError
from jobs.storage import lake
from jobs.storage.client import lake_container, pictures_container, translate_storage_errors
from jobs.target import Target
from jobs.upload.run import upload_pictures
from tests.azure_fakes.blob_storage import StorageAccount, error_response
from tests.azure_fakes.cloud import Cloud, Response
from tests.fake_programs import FakeProgram


@pytest.mark.parametrize(
    "answer", [Response(200), Response(200, b"<html>Log in</html>", {"Content-Type": "text/html"})]
)
def test_an_invalid_listing_is_reported(
    faces: Path, azure_target: Target, storage_account: StorageAccount, answer: Response
) -> None:
    storage_account.faults.append(lambda request: answer)
    with pytest.raises(JobError, match=r"not a listing of Blob Storage\): run the same command again"):
        upload_pictures(faces, pictures_container(azure_target))
    from_blob.container.cache_clear()
    with pytest.raises(JobError, match=r"not a listing of Blob Storage\): run the same command again"):
        from_blob.scan_container(azure_target)


@pytest.mark.parametrize(
    ("status", "code", "sentence"),
    [
        (403, "AuthorizationPermissionMismatch", r"role Storage Blob Data Contributor.*ten minutes.*same command"),
        (403, "AuthorizationFailure", r"your network.*`private`"),
        (403, "KeyBasedAuthenticationNotPermitted", r"accepts no keys.*`identity`"),
        (403, "AuthenticationFailed", r"clock.*`az login`"),
        (403, "AccountIsDisabled", r"credit is used up"),
        (401, "InvalidAuthenticationInfo", r"`az login`"),
        (404, "ContainerNotFound", r"no container .*imagenes: `pulumi up`"),
        (409, "ContainerBeingDeleted", r"being deleted: run `pulumi up`"),
        (400, "SomethingNew", r"SomethingNew.*run the same command again"),
    ],
)
def test_error_codes_are_explained(
    faces: Path,
    azure_target: Target,
    storage_account: StorageAccount,
    storage_waits: list[float],
    status: int,
    code: str,
    sentence: str,
) -> None:
    storage_account.faults.append(lambda request: error_response(status, code, "No.\nMore."))
    with pytest.raises(JobError, match=sentence) as error:
        upload_pictures(faces, pictures_container(azure_target))
    assert "\n" not in str(error.value) and "RequestId" not in str(error.value)


def test_a_missing_container_is_not_reported_as_a_missing_parquet(
    azure_target: Target, storage_account: StorageAccount, storage_waits: list[float]
) -> None:
    storage_account.containers = ("imagenes",)
    container = lake_container(azure_target)
    with (
        pytest.raises(JobError, match="no container"),
        translate_storage_errors(container),
        lake.open_parquet(container),
    ):
        pass


def test_an_unknown_account_is_reported(
    faces: Path, azure_target: Target, az: FakeProgram, storage_waits: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    unknown = replace(azure_target, pictures_url="https://stfer.blob.invalid/")
    with pytest.raises(JobError, match=r"host name of the storage.*are you online"):
        upload_pictures(faces, pictures_container(unknown))


def test_without_a_login_the_sentence_names_the_command(
    faces: Path, azure_target: Target, cloud: Cloud, az: FakeProgram, storage_waits: list[float]
) -> None:
    az.set_output("account get-access-token", status=1, err="ERROR: Please run 'az login' to setup account.")
    with pytest.raises(JobError, match="`az login`"):
        upload_pictures(faces, pictures_container(azure_target))
    assert cloud.requests == [] and storage_waits == []
