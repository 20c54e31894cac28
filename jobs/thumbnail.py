"""A small PNG of a picture. A page shows only its pixels, never the file's bytes."""

import io

from azure.core.exceptions import ResourceNotFoundError
from azure.storage.blob import ContainerClient
from PIL import Image

from jobs.pictures.read import UnreadableError, decode_image
from jobs.storage import lake

THUMBNAIL = 192  # pixels; smaller pictures keep their size


def lake_thumbnail(container: ContainerClient, filepath: str) -> bytes | None:
    """The PNG of a picture in the lake; None if the lake has none, or if it cannot be decoded."""
    if lake.path_problem(filepath):
        return None
    try:
        return file_thumbnail(container.download_blob(lake.PICTURES + filepath).readall())
    except ResourceNotFoundError:
        return None


def file_thumbnail(data: bytes) -> bytes | None:
    """The PNG of a picture file; None if it cannot be decoded."""
    try:
        return to_png(decode_image(data, "RGB"))
    except UnreadableError:
        return None


def to_png(image: Image.Image) -> bytes:
    """An image as PNG, at most THUMBNAIL pixels wide and high."""
    small = image.copy()
    small.thumbnail((THUMBNAIL, THUMBNAIL))
    stream = io.BytesIO()
    small.save(stream, "PNG")
    return stream.getvalue()
