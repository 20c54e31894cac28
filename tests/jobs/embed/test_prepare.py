"""prepare_picture against the transform of the original script, which is torchvision's."""

import importlib
import io
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image, ImageFilter

from jobs.bench.torch_ops import torchvision_models
from jobs.embed.model import normalize
from jobs.embed.prepare import MAX_RATIO, prepare_picture, read_sample, resize_and_crop
from jobs.pictures.read import UnreadableError
from jobs.pictures.scan import find_pictures

torchvision_models()
transforms = importlib.import_module("torchvision.transforms")

ORIGINAL = transforms.Compose(
    [
        transforms.Grayscale(num_output_channels=3),
        transforms.Resize(256),
        transforms.CenterCrop(224),
        transforms.ToTensor(),
        transforms.Normalize(mean=[0.485, 0.456, 0.406], std=[0.229, 0.224, 0.225]),
    ]
)
SQUARES = [(1, 1), (47, 47), (48, 48), (224, 224), (256, 256), (257, 257), (1000, 1000)]
SIZES = [*SQUARES, (1, 20), (40, 3), (257, 255), (300, 500), (544, 258), (613, 411), (600, 30)]


def to_file(pixels: np.ndarray) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "PNG")
    return stream.getvalue()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("smooth", [False, True])
def test_every_number_is_the_originals(size: tuple[int, int], smooth: bool) -> None:
    pixels = np.random.default_rng(7).integers(0, 256, size, dtype=np.uint8)
    if smooth:
        pixels = np.asarray(Image.fromarray(pixels).filter(ImageFilter.GaussianBlur(2)))
    ours = normalize(torch.from_numpy(prepare_picture(to_file(pixels))[None]))
    assert torch.equal(ours[0], ORIGINAL(Image.fromarray(pixels)))


def test_pictures_of_several_sizes_and_modes_make_one_batch(tmp_path: Path) -> None:
    (tmp_path / "grey").mkdir()
    for number, (height, width) in enumerate(SIZES):
        grey = 10 * number
        image = Image.new("RGB" if number % 2 else "L", (width, height), (grey, grey, grey) if number % 2 else grey)
        image.save(tmp_path / "grey" / f"{number:02}.png")
    crops = read_sample(find_pictures(tmp_path).pictures, len(SIZES))
    assert crops.shape == (len(SIZES), 224, 224)
    assert [np.unique(crop).tolist() for crop in crops] == [[10 * number] for number in range(len(SIZES))]


@pytest.mark.parametrize("size", [(2, 60_000), (MAX_RATIO + 1, 1)])
def test_a_very_long_picture_is_refused_before_it_is_enlarged(size: tuple[int, int]) -> None:
    pixels = np.random.default_rng(7).integers(0, 256, size, dtype=np.uint8)
    with pytest.raises(UnreadableError, match=rf"^it is {size[1]} x {size[0]} pixels: one side is over 20 times as"):
        prepare_picture(to_file(pixels))  # enlarged, the first would have 33 billion pixels
    assert resize_and_crop(Image.new("L", (MAX_RATIO, 1))).size == (224, 224)
