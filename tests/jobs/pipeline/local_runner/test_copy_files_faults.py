"""Files that vanish, change, or are not what they claim while they are copied: a relay before the storage does it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from azure.storage.blob import ContainerClient, ContentSettings

from jobs.pipeline.local_runner.run import run_locally
from jobs.pipeline.results import ActivityRun
from jobs.storage.client import lake_container, list_blobs, pictures_container, upload_blob
from jobs.target import Target

PIPELINE = "pipeline/PL_Migrar_Datos_FER"
SKIP = "activities.0.typeProperties.skipErrorFile"
Alter = Callable[[str, str, Any], None]

pytestmark = pytest.mark.usefixtures("only_pictures")


@pytest.fixture
def pictures(target: Target) -> Iterator[ContainerClient]:
    with pictures_container(target) as container:
        for name in "abc":
            upload_blob(container, f"train/happy/{name}.jpg", name.encode())
        yield container


def copied(target: Target, adf: Path) -> ActivityRun:
    (activity,) = run_locally(target, "PL_Migrar_Datos_FER", {}, adf).activities
    return activity


def lake(target: Target) -> dict[str, bytes]:
    with lake_container(target) as container:
        return {blob.name[-5:]: container.download_blob(blob.name).readall() for blob in list_blobs(container, "")}


def test_the_relay_changes_nothing(between: Any, adf: Path, pictures: ContainerClient) -> None:
    assert copied(between[0], adf).output["filesWritten"] == 3
    assert lake(between[0]) == {"a.jpg": b"a", "b.jpg": b"b", "c.jpg": b"c"}


@pytest.fixture
def vanishing(between: Any, pictures: ContainerClient) -> Target:
    """A target in which b.jpg is deleted when it is asked for."""

    def delete(method: str, path: str) -> None:
        if path.endswith("/b.jpg"):
            pictures.delete_blob("train/happy/b.jpg")

    between[1].append(delete)
    return between[0]


def test_a_file_that_vanishes_is_skipped(vanishing: Target, adf: Path) -> None:
    outcome = copied(vanishing, adf)
    assert (outcome.status, outcome.error) == ("Succeeded", None)
    output = outcome.output
    assert (output["filesRead"], output["filesWritten"], output["filesSkipped"], output["dataRead"]) == (3, 2, 1, 2)
    assert output["dataConsistencyVerification"] == {"VerificationResult": "Verified", "InconsistentData": "None"}
    assert lake(vanishing) == {"a.jpg": b"a", "c.jpg": b"c"}


def test_it_is_skipped_by_default_where_anything_is(vanishing: Target, adf: Path, alter: Alter) -> None:
    alter(PIPELINE, SKIP, {})
    assert copied(vanishing, adf).output["filesSkipped"] == 1


@pytest.mark.parametrize(("path", "value"), [(SKIP, ...), (f"{SKIP}.fileMissing", False)])
def test_it_fails_where_it_is_not_to_be_skipped(
    vanishing: Target, adf: Path, alter: Alter, path: str, value: Any
) -> None:
    alter(PIPELINE, path, value)
    outcome = copied(vanishing, adf)
    assert outcome.status == "Failed"
    assert str(outcome.error).startswith("train/happy/b.jpg is gone from imagenes since it was listed")


def test_the_next_try_does_without_it(vanishing: Target, adf: Path, alter: Alter) -> None:
    alter(PIPELINE, SKIP, ...)
    alter(PIPELINE, "activities.0.policy.retry", 1)
    outcome = copied(vanishing, adf)
    assert (outcome.status, outcome.attempts, outcome.output["filesRead"]) == ("Succeeded", 2, 2)


def test_a_single_file_is_never_skipped(target: Target, adf: Path, alter: Alter) -> None:
    alter("dataset/DS_Images_Source", "typeProperties.location.fileName", "absent.jpg")
    alter(PIPELINE, "activities.0.typeProperties.source.storeSettings.wildcardFileName", ...)
    assert "train/absent.jpg is gone" in str(copied(target, adf).error)


def test_bytes_that_are_not_those_of_the_md5_are_skipped(target: Target, adf: Path, pictures: ContainerClient) -> None:
    wrong = ContentSettings(content_type="image/jpeg", content_md5=bytearray(16))
    pictures.get_blob_client("train/happy/b.jpg").set_http_headers(wrong)
    output = copied(target, adf).output
    assert (output["filesRead"], output["filesWritten"], output["filesSkipped"]) == (3, 2, 1)
    assert output["dataConsistencyVerification"] == {"VerificationResult": "Verified", "InconsistentData": "Skipped"}
    assert lake(target) == {"a.jpg": b"a", "c.jpg": b"c"}


@pytest.mark.parametrize(("path", "value"), [(SKIP, ...), (f"{SKIP}.dataInconsistency", False)])
def test_or_fail(target: Target, adf: Path, pictures: ContainerClient, alter: Alter, path: str, value: Any) -> None:
    pictures.get_blob_client("train/happy/b.jpg").set_http_headers(ContentSettings(content_md5=bytearray(16)))
    alter(PIPELINE, path, value)
    error = copied(target, adf).error
    assert error == "The bytes of train/happy/b.jpg in imagenes are not those of its size and MD5: upload it again."
    assert "b.jpg" not in lake(target)


def test_without_verification_they_are_copied(
    target: Target, adf: Path, pictures: ContainerClient, alter: Alter
) -> None:
    pictures.get_blob_client("train/happy/b.jpg").set_http_headers(ContentSettings(content_md5=bytearray(16)))
    alter(PIPELINE, "activities.0.typeProperties.validateDataConsistency", False)
    assert copied(target, adf).output["filesWritten"] == 3


def test_a_file_that_changes_while_it_is_read(between: Any, adf: Path, pictures: ContainerClient) -> None:
    target, seen_by = between
    pictures.upload_blob("train/happy/b.jpg", bytes(40 * 1024 * 1024), overwrite=True)  # read in more than one piece
    reads = []

    def overwrite(method: str, path: str) -> None:
        if path.endswith("/b.jpg"):
            reads.append(method)
            if len(reads) == 2:
                pictures.upload_blob("train/happy/b.jpg", b"new", overwrite=True)

    seen_by.append(overwrite)
    output = copied(target, adf).output
    assert (output["filesWritten"], output["filesSkipped"]) == (2, 1)
    assert output["dataConsistencyVerification"]["InconsistentData"] == "Skipped"
    assert lake(target) == {"a.jpg": b"a", "c.jpg": b"c"}


@pytest.mark.parametrize("document", ["DS_Images_Source", "DS_Lakehouse_Images"])
def test_a_container_that_is_not_there(target: Target, adf: Path, pictures: Any, alter: Alter, document: str) -> None:
    key = "container" if document == "DS_Images_Source" else "fileSystem"
    alter(f"dataset/{document}", f"typeProperties.location.{key}", "absent")
    outcome = copied(target, adf)
    assert outcome.status == "Failed"
    assert "There is no container 127.0.0.1" in str(outcome.error)
    assert "/absent: `pulumi up`" in str(outcome.error)


def test_what_another_writes_in_between_is_noticed(between: Any, adf: Path, pictures: ContainerClient) -> None:
    target, seen_by = between

    def overwrite(method: str, path: str) -> None:
        if path == "/lake/raw":  # the listing by which what was written is compared
            with lake_container(target) as container:
                container.get_blob_client("imagenes/train/happy/b.jpg").upload_blob(b"other", overwrite=True)

    seen_by.append(overwrite)
    error = copied(target, adf).error
    assert error == "imagenes/train/happy/b.jpg in raw is not what was written there: run the pipeline again."


def test_no_time_at_all(target: Target, adf: Path, pictures: ContainerClient, alter: Alter) -> None:
    alter(PIPELINE, "activities.0.policy.timeout", "00:00:00")
    assert "longer than its policy.timeout of 00:00:00" in str(copied(target, adf).error)
    assert lake(target) == {}
