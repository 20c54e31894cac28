"""Copies of files between the real containers."""

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

READ = "activities.0.typeProperties.source.storeSettings"
WRITE = "activities.0.typeProperties.sink.storeSettings"
FILES = {
    "train/happy/a.jpg": b"one",
    "train/happy/b.PNG": b"two",
    "train/sad/deep/ñ [1] & %41 #?+c.jpg": b"three",
    "train/empty.jpg": b"",
    "train2/other.jpg": b"beside the folder",
}

pytestmark = pytest.mark.usefixtures("only_pictures")


@pytest.fixture
def pictures(target: Target) -> Iterator[ContainerClient]:
    with pictures_container(target) as container:
        for name, data in FILES.items():
            upload_blob(container, name, data)
        yield container


def copied(target: Target, adf: Path) -> ActivityRun:
    (activity,) = run_locally(target, NAME, {}, adf).activities
    return activity


def lake(target: Target) -> dict[str, bytes]:
    with lake_container(target) as container:
        return {blob.name: container.download_blob(blob.name).readall() for blob in list_blobs(container, "")}


def test_paths_below_the_folder_are_kept(target: Target, adf: Path, pictures: ContainerClient) -> None:
    outcome = copied(target, adf)
    assert (outcome.status, outcome.error, outcome.attempts) == ("Succeeded", None, 1)
    wanted = {f"imagenes/{name}": data for name, data in FILES.items() if name.startswith("train/")}
    assert lake(target) == wanted
    size = sum(map(len, wanted.values()))
    output = outcome.output
    assert {key: output[key] for key in ("filesRead", "filesWritten", "filesSkipped", "dataRead", "dataWritten")} == {
        "filesRead": 4,
        "filesWritten": 4,
        "filesSkipped": 0,
        "dataRead": size,
        "dataWritten": size,
    }
    assert (output["usedParallelCopies"], output["sinkPeakConnections"]) == (8, 8)  # the pipeline sets 16
    assert output["dataConsistencyVerification"] == {"VerificationResult": "Verified", "InconsistentData": "None"}
    assert not {"rowsRead", "rowsCopied"} & output.keys()


ODD = ContentSettings(
    content_type="image/x-odd",
    cache_control="no-store",
    content_language="es",
    content_disposition="inline",
    content_encoding="identity",
)


@pytest.mark.parametrize("megabytes", [0, 9], ids=["in one request", "in blocks"])
def test_attributes_and_md5_are_copied(target: Target, adf: Path, pictures: ContainerClient, megabytes: int) -> None:
    data = b"one" + bytes(megabytes * 1024 * 1024)
    pictures.upload_blob(
        "train/happy/a.jpg", data, overwrite=True, content_settings=ODD, metadata={"taken": "2013", "By": "me"}
    )
    copied(target, adf)
    with lake_container(target) as container:
        blobs = {blob.name: blob for blob in container.list_blobs(include=["metadata"])}
        odd = blobs["imagenes/train/happy/a.jpg"]
        assert attributes(odd.content_settings) == attributes(ODD)
        assert {key.lower(): value for key, value in odd.metadata.items()} == {"taken": "2013", "by": "me"}
        assert blobs["imagenes/train/happy/b.PNG"].content_settings.content_type == "image/png"
        source = {blob.name: blob.md5 for blob in list_blobs(pictures, "train/")}
        copies = {name: blob.content_settings.content_md5 for name, blob in blobs.items()}
        assert all(md5 in (None, bytes(copies[f"imagenes/{name}"])) for name, md5 in source.items())


def attributes(settings: ContentSettings) -> list[str | None]:
    """The five attributes that Data Factory preserves."""
    names = ("type", "cache_control", "language", "disposition", "encoding")
    return [getattr(settings, name if name == "cache_control" else f"content_{name}") for name in names]


@pytest.mark.parametrize("value", [DELETE, []])
def test_attributes_are_lost_where_they_are_not_preserved(
    target: Target, adf: Path, pictures: ContainerClient, alter: Alter, value: Any
) -> None:
    pictures.upload_blob("train/happy/a.jpg", b"one", overwrite=True, content_settings=ODD, metadata={"a": "b"})
    alter(PIPELINE, "activities.0.typeProperties.preserve", value)
    assert copied(target, adf).output["dataConsistencyVerification"]["VerificationResult"] == "Verified"
    with lake_container(target) as container:
        for blob in container.list_blobs(include=["metadata"]):
            assert attributes(blob.content_settings) == ["application/octet-stream", None, None, None, None]
            assert blob.content_settings.content_md5
            assert not blob.metadata


def test_a_second_run_replaces_files_and_adds_none(target: Target, adf: Path, pictures: ContainerClient) -> None:
    copied(target, adf)
    before = lake(target)
    upload_blob(pictures, "train/happy/a.jpg", b"changed")
    assert copied(target, adf).output["filesWritten"] == 4
    assert lake(target) == before | {"imagenes/train/happy/a.jpg": b"changed"}


def test_markers_of_folders_are_not_files(target: Target, adf: Path, pictures: ContainerClient) -> None:
    for name in ("train", "train/happy", "train/sad", "train/sad/deep"):
        pictures.upload_blob(name, b"", metadata={"hdi_isfolder": "true"})
    pictures.upload_blob("train/happy/", b"")
    assert copied(target, adf).output["filesRead"] == 4
    assert "imagenes/train/happy" not in lake(target)


@pytest.mark.parametrize(
    ("settings", "copied_names"),
    [
        ({"recursive": False}, {"empty.jpg"}),
        (
            {"recursive": True, "wildcardFileName": DELETE},
            {"happy/a.jpg", "happy/b.PNG", "sad/deep/ñ [1] & %41 #?+c.jpg", "empty.jpg"},
        ),
        ({"wildcardFileName": "*.jpg"}, {"happy/a.jpg", "sad/deep/ñ [1] & %41 #?+c.jpg", "empty.jpg"}),
        ({"wildcardFileName": "?.*"}, {"happy/a.jpg", "happy/b.PNG"}),
        ({"recursive": False, "wildcardFileName": "?.*"}, set()),
    ],
)
def test_which_files_are_copied(
    target: Target, adf: Path, alter: Alter, pictures: ContainerClient, settings: dict[str, Any], copied_names: set[str]
) -> None:
    for key, value in settings.items():
        alter(PIPELINE, f"{READ}.{key}", value)
    assert copied(target, adf).status == "Succeeded"
    assert {name.removeprefix("imagenes/train/") for name in lake(target)} == copied_names


def test_one_file_of_the_dataset(target: Target, adf: Path, alter: Alter, pictures: ContainerClient) -> None:
    alter("dataset/DS_Images_Source", "typeProperties.location.folderPath", "train/happy")
    alter("dataset/DS_Images_Source", "typeProperties.location.fileName", "a.jpg")
    alter(PIPELINE, f"{READ}.wildcardFileName", DELETE)
    assert copied(target, adf).status == "Succeeded"
    assert lake(target) == {"imagenes/train/a.jpg": b"one"}


def test_a_whole_container(target: Target, adf: Path, alter: Alter, pictures: ContainerClient) -> None:
    alter("dataset/DS_Images_Source", "typeProperties.location.folderPath", DELETE)
    alter("dataset/DS_Lakehouse_Images", "typeProperties.location.folderPath", "")
    assert copied(target, adf).status == "Succeeded"
    assert lake(target) == FILES


def test_flat_names(target: Target, adf: Path, alter: Alter, pictures: ContainerClient) -> None:
    upload_blob(pictures, "train/sad/a.jpg", b"of the same name")
    alter(PIPELINE, f"{WRITE}.copyBehavior", "FlattenHierarchy")
    first = copied(target, adf)
    blobs = lake(target)
    assert sorted(blobs.values()) == sorted([b"one", b"two", b"three", b"", b"of the same name"])
    assert all(name.startswith("imagenes/train/data_") and name.count("/") == 2 for name in blobs)
    assert first.output["dataConsistencyVerification"]["VerificationResult"] == "Unsupported"
    copied(target, adf)
    assert lake(target) == blobs


def test_nothing_to_copy(target: Target, adf: Path) -> None:
    outcome = copied(target, adf)
    assert (outcome.status, outcome.output["filesRead"], outcome.output["dataRead"]) == ("Succeeded", 0, 0)


@pytest.mark.parametrize("value", [DELETE, False])
def test_without_verification_the_output_says_so(target: Target, adf: Path, alter: Alter, value: Any) -> None:
    alter(PIPELINE, "activities.0.typeProperties.validateDataConsistency", value)
    assert copied(target, adf).output["dataConsistencyVerification"] == {"VerificationResult": "NotVerified"}


@pytest.mark.parametrize("side", [READ, WRITE])
def test_a_store_limits_the_connections(
    target: Target, adf: Path, alter: Alter, pictures: ContainerClient, side: str
) -> None:
    alter(PIPELINE, f"{side}.maxConcurrentConnections", 2)
    assert copied(target, adf).output["usedParallelCopies"] == 2
