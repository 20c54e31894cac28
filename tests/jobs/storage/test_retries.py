"""Which requests to Blob Storage are sent again, when and how often: busy services and answers that are cut off."""

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from jobs.errors import JobError
from jobs.storage import retries as storage_retries
from jobs.storage.client import pictures_container, translate_storage_errors
from jobs.target import Target
from jobs.upload.run import upload_pictures
from jobs.verify.pictures import ListedContainer
from tests.azure_fakes.blob_storage import StorageAccount, error_response
from tests.azure_fakes.cloud import Cloud, repeat_response, requests_with_method


@pytest.mark.parametrize(
    ("status", "when", "least", "most"),
    [
        (503, "7", 7, 9.1),
        (429, "7", 7, 9.1),
        (503, "Fri, 21 Nov 3026 10:00:00 GMT", storage_retries.MAX_SECONDS, 76),
    ],
)
def test_a_busy_service_is_asked_again_when_it_says(
    faces: Path,
    azure_target: Target,
    cloud: Cloud,
    storage_account: StorageAccount,
    storage_waits: list[float],
    status: int,
    when: str,
    least: float,
    most: float,
) -> None:
    busy = error_response(status, "ServerBusy", "The server is busy.", **{"Retry-After": when})
    storage_account.faults.append(repeat_response(2, busy))
    assert upload_pictures(faces, pictures_container(azure_target)).uploaded == 40
    assert len(requests_with_method(cloud, "GET")) == 3
    assert len(storage_waits) == 2 and all(least < wait < most for wait in storage_waits)


@pytest.mark.parametrize("status", [503, 429])
def test_a_service_that_stays_busy_is_given_up(
    faces: Path,
    azure_target: Target,
    cloud: Cloud,
    storage_account: StorageAccount,
    storage_waits: list[float],
    status: int,
) -> None:
    storage_account.faults.append(lambda request: error_response(status, "ServerBusy", "The server is busy."))
    with pytest.raises(JobError, match=r"too busy \(ServerBusy: The server is busy\): wait some minutes"):
        upload_pictures(faces, pictures_container(azure_target))
    assert len(cloud.requests) == storage_retries.MAX_RETRIES + 1
    assert storage_waits == sorted(storage_waits) and len(set(storage_waits)) == len(storage_waits)


def test_after_the_deadline_nothing_is_sent_again(
    faces: Path,
    azure_target: Target,
    cloud: Cloud,
    storage_account: StorageAccount,
    storage_waits: list[float],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(storage_retries, "DEADLINE_SECONDS", -1)
    storage_account.faults.append(lambda request: error_response(503, "ServerBusy", "The server is busy."))
    with pytest.raises(JobError, match="too busy"):
        upload_pictures(faces, pictures_container(azure_target))
    assert (len(cloud.requests), storage_waits) == (1, [])


def test_an_answer_that_breaks_off_is_asked_for_again(
    azure_target: Target, cloud: Cloud, storage_account: StorageAccount, storage_waits: list[float]
) -> None:
    data = bytes(range(256)) * 40
    storage_account.blobs["imagenes", "train/a.jpg"] = (data, None)
    container = pictures_container(azure_target)
    storage_account.faults.append(
        repeat_response(1, replace(storage_account.get("imagenes", "train/a.jpg", {}), cut=100))
    )
    place = ListedContainer("Blob", container, "train/", {})
    assert place.read("a.jpg") == hashlib.md5(data).digest()  # noqa: S324 - Azure's choice
    assert len(requests_with_method(cloud, "GET")) == 2


def test_answers_that_are_always_cut_off_are_reported(
    azure_target: Target, storage_account: StorageAccount, storage_waits: list[float]
) -> None:
    storage_account.blobs["imagenes", "train/a.jpg"] = (bytes(10000), None)
    whole = storage_account.get("imagenes", "train/a.jpg", {})
    storage_account.faults.append(lambda request: replace(whole, cut=100))
    container = pictures_container(azure_target)
    with (
        pytest.raises(JobError, match=r"does not answer.*run the same command again"),
        translate_storage_errors(container),
    ):
        ListedContainer("Blob", container, "train/", {}).read("a.jpg")
