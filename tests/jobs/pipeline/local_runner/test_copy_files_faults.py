"""Files that are deleted or changed while they are copied, or do not match their MD5. A relay causes the changes."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from azure.storage.blob import ContainerClient, ContentSettings

from jobs.pipeline.local_runner.run import run_locally
from jobs.pipeline.results import ActivityRun
from jobs.storage.client import lake_container, list_blobs, pictures_container, upload_blob
from jobs.target import Target
from tests.jobs.pipeline.local_runner.adf_copy import DELETE, NAME, PIPELINE, Alter

SKIP = "activities.0.typeProperties.skipErrorFile"

pytestmark = pytest.mark.usefixtures("only_pictures")


@pytest.fixture
def pictures(target: Target) -> Iterator[ContainerClient]:
    with pictures_container(target) as container:
        for name in "abc":
            upload_blob(container, f"train/happy/{name}.jpg", name.encode())
        yield container


def copied(target: Target, adf: Path) -> ActivityRun:
    (activity,) = run_locally(target, NAME, {}, adf).activities
    return activity


def lake(target: Target) -> dict[str, bytes]:
    with lake_container(target) as container:
        return {blob.name[-5:]: container.download_blob(blob.name).readall() for blob in list_blobs(container, "")}


def test_the_relay_changes_nothing(relayed: Any, adf: Path, pictures: ContainerClient) -> None:
    assert copied(relayed[0], adf).output["filesWritten"] == 3
    assert lake(relayed[0]) == {"a.jpg": b"a", "b.jpg": b"b", "c.jpg": b"c"}


@pytest.fixture
def deleting(relayed: Any, pictures: ContainerClient) -> Target:
    """A target in which b.jpg is deleted when it is requested."""

    def delete(method: str, path: str) -> None:
        if path.endswith("/b.jpg"):
            pictures.delete_blob("train/happy/b.jpg")

    relayed[1].append(delete)
    return relayed[0]


def test_a_deleted_file_is_skipped(deleting: Target, adf: Path) -> None:
    outcome = copied(deleting, adf)
    assert (outcome.status, outcome.error) == ("Succeeded", None)
    output = outcome.output
    assert (output["filesRead"], output["filesWritten"], output["filesSkipped"], output["dataRead"]) == (3, 2, 1, 2)
    assert output["dataConsistencyVerification"] == {"VerificationResult": "Verified", "InconsistentData": "None"}
    assert lake(deleting) == {"a.jpg": b"a", "c.jpg": b"c"}


def test_a_deleted_file_is_skipped_by_default_where_skipping_is_on(deleting: Target, adf: Path, alter: Alter) -> None:
    alter(PIPELINE, SKIP, {})
    assert copied(deleting, adf).output["filesSkipped"] == 1


@pytest.mark.parametrize(("path", "value"), [(SKIP, DELETE), (f"{SKIP}.fileMissing", False)])
def test_a_deleted_file_fails_the_copy_where_skipping_is_off(
    deleting: Target, adf: Path, alter: Alter, path: str, value: Any
) -> None:
    alter(PIPELINE, path, value)
    outcome = copied(deleting, adf)
    assert outcome.status == "Failed"
    assert str(outcome.error).startswith("train/happy/b.jpg was deleted from imagenes after it was listed")


def test_the_next_attempt_copies_the_other_files(deleting: Target, adf: Path, alter: Alter) -> None:
    alter(PIPELINE, SKIP, DELETE)
    alter(PIPELINE, "activities.0.policy.retry", 1)
    outcome = copied(deleting, adf)
    assert (outcome.status, outcome.attempts, outcome.output["filesRead"]) == ("Succeeded", 2, 2)


@pytest.mark.parametrize("value", [DELETE, {"fileMissing": False}])
def test_skipped_files_are_counted_only_where_skipping_is_on(
    target: Target, adf: Path, pictures: ContainerClient, alter: Alter, value: Any
) -> None:
    alter(PIPELINE, SKIP, value)
    assert "filesSkipped" not in copied(target, adf).output


def test_a_single_file_is_never_skipped(target: Target, adf: Path, alter: Alter) -> None:
    alter("dataset/DS_Images_Source", "typeProperties.location.fileName", "absent.jpg")
    alter(PIPELINE, "activities.0.typeProperties.source.storeSettings.wildcardFileName", DELETE)
    assert "train/absent.jpg was deleted" in str(copied(target, adf).error)


def test_bytes_that_do_not_match_the_md5_are_skipped(target: Target, adf: Path, pictures: ContainerClient) -> None:
    wrong = ContentSettings(content_type="image/jpeg", content_md5=bytearray(16))
    pictures.get_blob_client("train/happy/b.jpg").set_http_headers(wrong)
    output = copied(target, adf).output
    assert (output["filesRead"], output["filesWritten"], output["filesSkipped"]) == (3, 2, 1)
    assert output["dataConsistencyVerification"] == {"VerificationResult": "Verified", "InconsistentData": "Skipped"}
    assert lake(target) == {"a.jpg": b"a", "c.jpg": b"c"}


@pytest.mark.parametrize(("path", "value"), [(SKIP, DELETE), (f"{SKIP}.dataInconsistency", False)])
def test_bytes_that_do_not_match_the_md5_fail_the_copy(
    target: Target, adf: Path, pictures: ContainerClient, alter: Alter, path: str, value: Any
) -> None:
    pictures.get_blob_client("train/happy/b.jpg").set_http_headers(ContentSettings(content_md5=bytearray(16)))
    alter(PIPELINE, path, value)
    error = copied(target, adf).error
    assert error == "The bytes of train/happy/b.jpg in imagenes do not match its size and MD5: upload it again."
    assert "b.jpg" not in lake(target)


def test_bytes_that_do_not_match_the_md5_are_copied_without_verification(
    target: Target, adf: Path, pictures: ContainerClient, alter: Alter
) -> None:
    pictures.get_blob_client("train/happy/b.jpg").set_http_headers(ContentSettings(content_md5=bytearray(16)))
    alter(PIPELINE, "activities.0.typeProperties.validateDataConsistency", False)
    assert copied(target, adf).output["filesWritten"] == 3


def test_a_file_that_changes_while_it_is_read(relayed: Any, adf: Path, pictures: ContainerClient) -> None:
    target, hooks = relayed
    pictures.upload_blob("train/happy/b.jpg", bytes(40 * 1024 * 1024), overwrite=True)  # read in more than one piece
    reads = []

    def overwrite(method: str, path: str) -> None:
        if path.endswith("/b.jpg"):
            reads.append(method)
            if len(reads) == 2:
                pictures.upload_blob("train/happy/b.jpg", b"new", overwrite=True)

    hooks.append(overwrite)
    output = copied(target, adf).output
    assert (output["filesWritten"], output["filesSkipped"]) == (2, 1)
    assert output["dataConsistencyVerification"]["InconsistentData"] == "Skipped"
    assert lake(target) == {"a.jpg": b"a", "c.jpg": b"c"}


@pytest.mark.parametrize("document", ["DS_Images_Source", "DS_Lakehouse_Images"])
def test_a_missing_container(target: Target, adf: Path, pictures: Any, alter: Alter, document: str) -> None:
    key = "container" if document == "DS_Images_Source" else "fileSystem"
    alter(f"dataset/{document}", f"typeProperties.location.{key}", "absent")
    outcome = copied(target, adf)
    assert outcome.status == "Failed"
    assert "There is no container 127.0.0.1" in str(outcome.error)
    assert "/absent: `pulumi up`" in str(outcome.error)


def test_a_file_overwritten_by_another_writer_is_detected(relayed: Any, adf: Path, pictures: ContainerClient) -> None:
    target, hooks = relayed

    def overwrite(method: str, path: str) -> None:
        if path == "/lake/raw":  # the list of blobs that the copies are compared with
            with lake_container(target) as container:
                container.get_blob_client("imagenes/train/happy/b.jpg").upload_blob(b"other", overwrite=True)

    hooks.append(overwrite)
    error = copied(target, adf).error
    assert error == "imagenes/train/happy/b.jpg in raw is not what was written: run the pipeline again."


@pytest.mark.usefixtures("any_timeout")
def test_a_timeout_of_0(target: Target, adf: Path, pictures: ContainerClient, alter: Alter) -> None:
    alter(PIPELINE, "activities.0.policy.timeout", "00:00:00")
    assert "longer than its policy.timeout of 00:00:00" in str(copied(target, adf).error)
    assert lake(target) == {}
