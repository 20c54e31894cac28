"""verify's comparison of the pictures in Blob Storage and the lake, by MD5, by size and by their bytes."""

import hashlib

import pytest
from azure.storage.blob import ContentSettings

from jobs.storage import lake
from jobs.storage.client import lake_container, list_blobs, pictures_container, upload_blob
from jobs.target import Target
from jobs.verify.run import verify_target

PICTURE = "happy/face_00000.jpg"


def test_a_picture_deleted_from_the_lake(flown: tuple[Target, str]) -> None:
    lake_container(flown[0]).delete_blob(lake.PICTURES + PICTURE)
    result = verify_target(*flown)
    assert (result.ok, result.images, result.missing_images) == (False, 39, 1)
    assert result.problems == [f"lake: the picture {PICTURE} is missing"]


@pytest.mark.parametrize("place", ["Blob", "lake"])
@pytest.mark.parametrize("longer", [False, True])
def test_a_picture_with_other_bytes(flown: tuple[Target, str], place: str, longer: bool) -> None:
    container, name = pictures_container(flown[0]), f"train/{PICTURE}"
    if place == "lake":
        container, name = lake_container(flown[0]), lake.PICTURES + PICTURE
    data = container.download_blob(name).readall()
    upload_blob(container, name, data + b"x" if longer else data[:-1] + b"x")
    result = verify_target(*flown)
    assert not result.ok
    assert f"{place}: the picture {PICTURE} is not the one that was embedded" in result.problems


def forget_md5(target: Target) -> None:
    """As Data Factory may leave the lake's copies: without an MD5 among their properties."""
    container = lake_container(target)
    for blob in list_blobs(container, lake.PICTURES):
        container.get_blob_client(blob.name).set_http_headers(ContentSettings(content_type="image/jpeg"))


def test_pictures_without_an_md5_are_compared_by_size_and_those_are_read_first(flown: tuple[Target, str]) -> None:
    forget_md5(flown[0])
    result = verify_target(*flown, sample=7)
    assert (result.ok, result.problems) == (True, [])
    assert (result.pictures_by_md5, result.pictures_by_size, result.pictures_read) == (40, 40, 14)
    container, name = lake_container(flown[0]), lake.PICTURES + PICTURE
    data = container.download_blob(name).readall()
    container.upload_blob(name, data[:-1] + b"x", overwrite=True)
    forget_md5(flown[0])
    problem = f"lake: the picture {PICTURE} is not the one that was embedded"
    assert verify_target(*flown, sample=40).problems == [problem]
    assert verify_target(*flown, sample=0).ok  # no picture was read
    container.upload_blob(name, data + b"x", overwrite=True)
    assert verify_target(*flown, sample=0).problems == [problem]


def test_a_wrong_md5_is_found_by_reading_the_file(flown: tuple[Target, str]) -> None:
    container, name = pictures_container(flown[0]), f"train/{PICTURE}"
    data = container.download_blob(name).readall()
    md5 = hashlib.md5(data).digest()  # noqa: S324 - Azure's choice
    container.upload_blob(name, data[:-1] + b"x", overwrite=True)
    container.get_blob_client(name).set_http_headers(ContentSettings(content_md5=bytearray(md5)))
    assert verify_target(*flown, sample=0).ok
    assert verify_target(*flown, sample=40).problems == [
        f"Blob: the picture {PICTURE} is not the one that was embedded"
    ]


def test_pictures_without_a_row_are_not_a_problem(flown: tuple[Target, str]) -> None:
    upload_blob(lake_container(flown[0]), lake.PICTURES + "happy/extra.jpg", b"x")
    result = verify_target(*flown)
    assert (result.ok, result.extra_images) == (True, 1)
