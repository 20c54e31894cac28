"""A thumbnail is new pixels, never the file's bytes."""

import io

import pytest
from PIL import Image

from jobs.thumbnail import THUMBNAIL, file_thumbnail


@pytest.mark.parametrize("data", [b"", b"no picture", b"<svg onload=alert(1)>"])
def test_a_file_that_is_not_a_picture_has_none(data: bytes) -> None:
    assert file_thumbnail(data) is None


@pytest.mark.parametrize(("size", "expected"), [((48, 48), (48, 48)), ((1000, 500), (THUMBNAIL, THUMBNAIL // 2))])
def test_a_picture_becomes_a_small_png_without_what_its_file_says_beside_it(
    size: tuple[int, int], expected: tuple[int, int]
) -> None:
    stream = io.BytesIO()
    Image.new("RGB", size, "red").save(stream, "JPEG", comment=b"a secret of the camera")
    small = file_thumbnail(stream.getvalue())
    assert small and b"secret" not in small
    opened = Image.open(io.BytesIO(small))
    assert (opened.format, opened.size) == ("PNG", expected)
