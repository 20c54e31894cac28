"""From a picture file's bytes to the pixels that ResNet18 takes, bit for bit as the original's PIL transform.

The original's Resize(256) and CenterCrop(224) of a PIL image are Pillow's own `resize` and `crop`. Nothing in this
module imports torch.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from jobs.pictures.read import Reader, UnreadableError, decode_image, read_picture
from jobs.pictures.scan import Picture

RESIZE, CROP = 256, 224  # pixels
MARGIN = (RESIZE - CROP) // 2  # what the crop cuts off on each side of a square
# The short side becomes 256 pixels and the long side grows with it: 2 x 1,000,000 pixels would become 33 billion.
MAX_RATIO = 20


def prepare_picture(data: bytes) -> NDArray[np.uint8]:
    """Return the pixels of a picture file as ResNet18 takes them: grey, (224, 224) uint8.

    Raises UnreadableError if the data is not a complete picture, or if the picture is too long and narrow.
    """
    return np.array(resize_and_crop(decode_image(data, "L")))


def resize_and_crop(image: Image.Image) -> Image.Image:
    """Resize(256) and CenterCrop(224). Raises UnreadableError where the sides' ratio is above MAX_RATIO."""
    width, height = image.size
    short, long = sorted(image.size)
    if long > MAX_RATIO * short:
        raise UnreadableError(
            f"it is {width} x {height} pixels: one side is over {MAX_RATIO} times as long as the other"
        )
    if width == height:
        # All numbers are exact in Pillow's float32, so that resampling only the middle gives equal pixels. With other
        # shapes Pillow may do its two passes in another order, and a pixel may differ by 1.
        low, high = width * MARGIN / RESIZE, width * (RESIZE - MARGIN) / RESIZE
        return image.resize((CROP, CROP), Image.Resampling.BILINEAR, box=(low, low, high, high))
    resized = (RESIZE * width // short, RESIZE * height // short)
    left, top = (round((size - CROP) / 2) for size in resized)
    return image.resize(resized, Image.Resampling.BILINEAR).crop((left, top, left + CROP, top + CROP))


def read_sample(pictures: list[Picture], count: int, read: Reader = read_picture) -> NDArray[np.uint8]:
    """Prepare up to `count` pictures spread evenly over the list, for calibration: (n, 224, 224) uint8, n may be 0.

    Pictures that cannot be read are replaced by others.
    """
    crops: list[NDArray[np.uint8]] = []
    for picture in spread_first(pictures, count):
        if len(crops) == count:
            break
        try:
            crops.append(prepare_picture(read(picture)))
        except UnreadableError:
            continue  # `embed` reports it when its turn comes
    return np.stack(crops) if crops else np.empty((0, CROP, CROP), np.uint8)


def spread_first(pictures: list[Picture], count: int) -> Iterator[Picture]:
    """Yield about `count` pictures at equal distances in the list, then all others."""
    step = max(1, len(pictures) // count)
    yield from pictures[::step]
    yield from (picture for index, picture in enumerate(pictures) if index % step)


def unreadable_reason(picture: Picture, read: Reader = read_picture) -> str:
    """Return why a picture cannot be prepared; empty if it can be."""
    try:
        prepare_picture(read(picture))
    except UnreadableError as error:
        return str(error)
    return ""
